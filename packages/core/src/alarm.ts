type Timer = { ref?(): unknown; unref?(): unknown } | number;

interface Host {
  setTimeout(callback: () => void, delayMs: number): Timer;
  clearTimeout(timer: Timer): void;
  setImmediate?(callback: () => void): object;
  clearImmediate?(immediate: object): void;
  performance: { now(): number };
}

/** The timers and the clock that every JavaScript host has, browsers included. */
export const host: Host = globalThis as unknown as Host;

/** setTimeout takes a signed 32-bit number of milliseconds and fires at once beyond it. */
const LONGEST_MS = 0x7fffffff;

/**
 * One timer of the host that can be set for any length, or for ever, and that keeps the host alive while it is set.
 * For selectors that live on the host's loop.
 *
 * It never fires early by intent, but the host's timers may by a fraction of a millisecond: whoever promises more looks at the clock.
 */
export class Alarm {
  #timer: Timer | undefined;
  #remainingMs = 0;
  #callback: () => void = () => {};
  #referenced = true;

  /** Sets the alarm, which must not be set, to call `callback` once after `delayMs`; `null`: never. */
  set(delayMs: number | null, callback: () => void): void {
    this.#callback = callback;
    this.#remainingMs = delayMs ?? Number.POSITIVE_INFINITY;
    this.#start();
  }

  /** Calls off the alarm, if it is set. */
  cancel(): void {
    if (this.#timer === undefined) return;
    host.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A set alarm keeps the host alive: the initial state. No-op on hosts that have no such notion. */
  ref(): void {
    this.#referenced = true;
    if (typeof this.#timer === 'object') this.#timer.ref?.();
  }

  /** A set alarm lets the host end. */
  unref(): void {
    this.#referenced = false;
    if (typeof this.#timer === 'object') this.#timer.unref?.();
  }

  #start(): void {
    // Rounded up to whole milliseconds: hosts truncate.
    const delayMs = Math.min(Math.ceil(this.#remainingMs), LONGEST_MS);
    this.#remainingMs -= delayMs;
    this.#timer = host.setTimeout(this.#onTimeout, delayMs);
    if (!this.#referenced) this.unref();
  }

  readonly #onTimeout = (): void => {
    this.#timer = undefined;
    if (this.#remainingMs > 0) this.#start();
    else this.#callback();
  };
}
