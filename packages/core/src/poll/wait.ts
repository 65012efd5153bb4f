import type { Events } from '../events.ts';
import type { PollSignal } from './poll-options.ts';

/** A `poll` that is pending. */
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

  /** Why it is to be given up. */
  get reason(): unknown {
    return this.#signal?.reason;
  }

  /** The time that is left, in milliseconds; `null` for ever. */
  remaining(now: number): number | null {
    return this.deadline === Infinity ? null : this.deadline - now;
  }

  /** It is settled: the signal means nothing any more. */
  end(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}
