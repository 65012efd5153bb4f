/**
 * What `poll.stats()` says: all that has happened since the poll was made. Plain numbers, counted
 * always.
 */
export interface PollStats {
  /** Answers of `poll` and `pollSync`, those without events included; not those that failed. */
  readonly polls: number;
  /** Events in these answers. */
  readonly events: number;
  /**
   * Those of the answers that `poll` gave at once, with events, without a wait or a turn of the
   * host's loop.
   */
  readonly immediate: number;
  /** How often `poll` gave the host's loop a turn before it answered: see {@link Poll.poll}. */
  readonly turns: number;
  /** The system calls of a kernel backend; `undefined` where the host makes them all. */
  readonly syscalls: Readonly<SyscallCounts> | undefined;
  /** The writes of a corked poll; `undefined` on a poll that is not corked. */
  readonly cork: Readonly<CorkCounts> | undefined;
}

/** Writes on a corked poll. */
export interface CorkCounts {
  /** Writes that were held for the next wait. */
  corked: number;
  /** Sends that these writes became: consecutive writes of a stream are one. */
  flushed: number;
  /**
   * Those of the sends that the kernel took in part or not at all, and whose rest was sent later.
   */
  deferred: number;
  /** Those of the sends that failed. */
  refused: number;
}

/** System calls for one poll. */
export interface SyscallCounts {
  /** Made: to wait, to register, and to read and write streams that are registered with it. */
  made: number;
  /**
   * Saved: reads and writes of these streams that answered `WouldBlock` because what came before
   * had said so already.
   */
  saved: number;
}

interface SelectorCounts {
  readonly syscalls: SyscallCounts;
  readonly corkCounts?: CorkCounts | undefined;
}

/** The counters of one poll. */
export class PollTally {
  polls = 0;
  events = 0;
  immediate = 0;

  /** Returns a copy, with the turns of the schedule and the counters of the selector. */
  stats(turns: number, selector: SelectorCounts | undefined): PollStats {
    const { polls, events, immediate } = this;
    return {
      polls,
      events,
      immediate,
      turns,
      syscalls: selector && { ...selector.syscalls },
      cork: selector?.corkCounts && { ...selector.corkCounts },
    };
  }
}
