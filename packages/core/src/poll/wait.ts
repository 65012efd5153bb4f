import type { Events } from '../events.ts';
import type { PollSignal } from './poll-options.ts';

/** A pending `poll`. */
export class Wait {
  readonly events: Events;
  readonly deadline: number;
  readonly promise: Promise<number>;
  resolve!: (count: number) => void;
  reject!: (reason: unknown) => void;
  readonly #signal: PollSignal | undefined;
  readonly #onAbort: () => void;

  /** @param onAbort called when the signal aborts before {@link Wait.end}. */
  constructor(
    events: Events,
    deadline: number,
    signal: PollSignal | undefined,
    onAbort: () => void,
  ) {
    this.events = events;
    this.deadline = deadline;
    this.#signal = signal;
    this.#onAbort = onAbort;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    signal?.addEventListener('abort', onAbort);
  }

  /** The reason of the abort. */
  get reason(): unknown {
    return this.#signal?.reason;
  }

  /** Returns the time that is left, in milliseconds; `null` for no limit. */
  remaining(now: number): number | null {
    return this.deadline === Infinity ? null : this.deadline - now;
  }

  /** Forgets the signal: the `poll` is settled. */
  end(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}
