import { holdHost, host, LONGEST_MS, releaseHost, type Timer } from './host.ts';

/**
 * One timer of the host that can be set for any length, or for ever, and that keeps the host alive
 * while it is set. For selectors that live on the host's loop.
 *
 * It never fires early by intent, but the host's timers may by a fraction of a millisecond: whoever
 * promises more looks at the clock.
 */
export class Alarm {
  #timer: Timer | undefined;
  #forever = false;
  #remainingMs = 0;
  #callback: () => void = () => {};
  #referenced = true;

  /**
   * Sets the alarm, which must not be set, to call `callback` once after `delayMs`; `null`: never.
   */
  set(delayMs: number | null, callback: () => void): void {
    if (delayMs === null) {
      this.#forever = true;
      if (this.#referenced) holdHost();
      return;
    }
    this.#callback = callback;
    this.#remainingMs = delayMs;
    this.#start();
  }

  /** Calls off the alarm, if it is set. */
  cancel(): void {
    if (this.#forever) {
      this.#forever = false;
      if (this.#referenced) releaseHost();
    }
    if (this.#timer === undefined) return;
    host.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /**
   * A set alarm keeps the host alive: the initial state. No-op on hosts that have no such notion.
   */
  ref(): void {
    if (this.#referenced) return;
    this.#referenced = true;
    if (this.#forever) holdHost();
    if (typeof this.#timer === 'object') this.#timer.ref?.();
  }

  /** A set alarm lets the host end. */
  unref(): void {
    if (!this.#referenced) return;
    this.#referenced = false;
    if (this.#forever) releaseHost();
    if (typeof this.#timer === 'object') this.#timer.unref?.();
  }

  #start(): void {
    // Rounded up to whole milliseconds: hosts truncate.
    const delayMs = Math.min(Math.ceil(this.#remainingMs), LONGEST_MS);
    this.#remainingMs -= delayMs;
    this.#timer = host.setTimeout(this.#onTimeout, delayMs);
    if (!this.#referenced && typeof this.#timer === 'object') this.#timer.unref?.();
  }

  readonly #onTimeout = (): void => {
    this.#timer = undefined;
    if (this.#remainingMs > 0) this.#start();
    else this.#callback();
  };
}
