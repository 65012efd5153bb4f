import type { PollSignal } from '@evloop/core';

interface Waiter {
  readonly threshold: number;
  resolve(): void;
  reject(reason: unknown): void;
}

/** The promises of `Outbox.drained`. */
export class Drained {
  #waiters: Waiter[] = [];

  /** Resolves once at most `threshold` bytes are queued. */
  wait(threshold: number, signal: PollSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiters = this.#waiters.filter((each) => each !== waiter);
        waiter.reject(signal?.reason);
      };
      const done = () => signal?.removeEventListener('abort', onAbort);
      const waiter: Waiter = {
        threshold,
        resolve: () => {
          done();
          resolve();
        },
        reject: (reason) => {
          done();
          reject(reason);
        },
      };
      signal?.addEventListener('abort', onAbort);
      this.#waiters.push(waiter);
    });
  }

  /** So many bytes are queued now. Returns whether that has resolved one. */
  settle(length: number): boolean {
    const settled = this.#waiters.filter(({ threshold }) => length <= threshold);
    this.#waiters = this.#waiters.filter(({ threshold }) => length > threshold);
    for (const waiter of settled) waiter.resolve();
    return settled.length > 0;
  }

  /** The connection was closed. */
  fail(error: unknown): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
