import type { Events } from '../events.ts';
import { Poll } from '../poll.ts';
import type { BlockingSelector } from '../selector.ts';

/** A poll that can also block its thread: the `Poll` of kernel backends (`supports.pollSync`). */
export class BlockingPoll extends Poll {
  readonly #selector: BlockingSelector;

  /** For backends, which pass their selector. */
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
   * While it blocks, nothing else runs in the thread: no timer, no promise, no `process.on` signal
   * handler. Use it in a worker thread, or in a process that *is* the server. It is the fastest
   * loop there is. A program that must also handle signals polls with a timeout, and lets the
   * host's loop turn in between.
   *
   * @param timeoutMs as in `poll`.
   * @returns the number of events; 0 only when the time is up. Signals that interrupt the wait do
   *   not end it.
   * @throws as `poll` rejects.
   */
  pollSync(events: Events, timeoutMs?: number | null): number {
    const timeout = this.begin(events, timeoutMs);
    if (timeout === 0 || this.userSpaceReady) {
      const count = this.collect(events);
      if (count > 0 || timeout === 0) return this.countAnswer(events);
    }
    const deadline = timeout === null ? Infinity : this.#selector.now() + timeout;
    let remaining = timeout;
    while (events.length === 0 && (remaining === null || remaining > 0)) {
      this.#selector.wait(events, remaining);
      if (events.length === 0 && this.userSpaceReady) this.collect(events);
      if (remaining !== null) remaining = deadline - this.#selector.now();
    }
    return this.countAnswer(events);
  }
}

/** Returns whether `poll` can block. Narrows the type of a `Poll` that was chosen at run time. */
export function isBlocking(poll: Poll): poll is BlockingPoll {
  return poll.blocking;
}
