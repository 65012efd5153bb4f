import { UserSpaceSelector } from '@evloop/core/backend';

/** A clock that a test moves: `now` and timers in milliseconds. */
export interface MemoryClock {
  /** Returns the present on a monotonic clock, in milliseconds. */
  now(): number;
  /** Calls `callback` once, after `delayMs` on this clock. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  /** Cancels what `setTimeout` returned. */
  clearTimeout(timer: unknown): void;
}

/** Waits for sources in user space, with timeouts on a clock that is not the host's. */
export class ClockSelector extends UserSpaceSelector {
  readonly #clock: MemoryClock;
  #timer: unknown;

  constructor(clock: MemoryClock) {
    super();
    this.#clock = clock;
  }

  override now(): number {
    return this.#clock.now();
  }

  // Like any wait, this keeps the host alive: time passes only when the program moves the clock.
  override park(timeoutMs: number | null, unpark: () => void): void {
    super.park(null, unpark);
    if (timeoutMs === null) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      super.unpark();
      unpark();
    }, timeoutMs);
  }

  override unpark(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    super.unpark();
  }
}
