import { holdHost, host, LONGEST_MS, releaseHost, type Timer } from './host.ts';

/**
 * One timer of the host, set for any length of time or for ever. The host stays alive while it is
 * set. For selectors that live on the host's loop.
 *
 * The host's timers may fire a fraction of a millisecond early. A caller that must not be early
 * looks at the clock.
 */
export class Alarm {
  #timer: Timer | undefined;
  #forever = false;
  #remainingMs = 0;
  #callback: () => void = () => {};
  #referenced = true;

  /**
   * Sets the alarm: calls `callback` once after `delayMs`, or never if that is `null`. The alarm
   * must not be set already.
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

  /** Cancels the alarm, if it is set. */
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
   * Makes a set alarm keep the host alive: the default. No effect on hosts without such a notion.
   */
  ref(): void {
    if (this.#referenced) return;
    this.#referenced = true;
    if (this.#forever) holdHost();
    if (typeof this.#timer === 'object') this.#timer.ref?.();
  }

  /** Lets the host end although the alarm is set. */
  unref(): void {
    if (!this.#referenced) return;
    this.#referenced = false;
    if (this.#forever) releaseHost();
    if (typeof this.#timer === 'object') this.#timer.unref?.();
  }

  #start(): void {
    // Rounded up to whole milliseconds, because hosts truncate.
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
