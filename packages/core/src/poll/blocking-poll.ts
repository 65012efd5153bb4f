import type { Events } from '../events.ts';
import { Poll } from '../poll.ts';
import type { BlockingSelector } from '../selector.ts';

/**
 * A poll whose thread may also block: the `Poll` of kernel backends (`supports.pollSync`).
 */
export class BlockingPoll extends Poll {
  readonly #selector: BlockingSelector;

  /** Backends call this with their selector. */
  constructor(selector: BlockingSelector) {
    super(selector);
    this.#selector = selector;
  }

  override get blocking(): boolean {
    return true;
  }

  /**
   * Like {@link Poll.poll}, but blocks the calling thread in the kernel until something is ready or
   * the time is up.
   *
   * While it blocks, nothing else of the thread runs: no timer, no promise, no signal handler of
   * `process.on`. It is meant for a worker thread, or for a process that *is* the server, and it is
   * the fastest loop there is. A program that must also react to signals polls with a timeout and
   * lets the host's loop turn in between.
   *
   * @param timeoutMs as in `poll`.
   * @returns the number of events; 0 exactly when the time is up. Signals that interrupt the wait
   *   do not end it.
   * @throws as `poll` rejects.
   */
  pollSync(events: Events, timeoutMs?: number | null): number {
    const timeout = this.begin(events, timeoutMs);
    if (timeout === 0 || this.userSpaceReady) {
      const count = this.collect(events);
      if (count > 0 || timeout === 0) return this.answer(events);
    }
    const deadline = timeout === null ? Infinity : this.#selector.now() + timeout;
    let remaining = timeout;
    while (events.length === 0 && (remaining === null || remaining > 0)) {
      this.#selector.wait(events, remaining);
      if (events.length === 0 && this.userSpaceReady) this.collect(events);
      if (remaining !== null) remaining = deadline - this.#selector.now();
    }
    return this.answer(events);
  }
}

/** Whether `poll` can block: narrows the `Poll` of a backend that was chosen at run time. */
export function isBlocking(poll: Poll): poll is BlockingPoll {
  return poll.blocking;
}
