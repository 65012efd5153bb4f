/** The result of `poll.stats()`: counters since the poll was made. Always on, plain numbers. */
export interface PollStats {
  /**
   * Answers of `poll` and `pollSync`, including those without events, excluding those that failed.
   */
  readonly polls: number;
  /** Events in these answers. */
  readonly events: number;
  /** Answers with events that `poll` gave at once, without a wait or a turn of the host's loop. */
  readonly immediate: number;
  /** How often `poll` gave the host's loop a turn before it answered: see {@link Poll.poll}. */
  readonly turns: number;
  /** The system calls of a kernel backend; `undefined` where the host makes them all. */
  readonly syscalls: Readonly<SyscallCounts> | undefined;
  /** The writes of a corked poll; `undefined` on a poll that is not corked. */
  readonly cork: Readonly<CorkCounts> | undefined;
}

/** The writes on a corked poll. */
export interface CorkCounts {
  /** Writes that were held for the next wait. */
  corked: number;
  /** Sends that these writes became. Consecutive writes of one stream become one send. */
  flushed: number;
  /** Sends of which the kernel took a part or nothing. The rest was sent later. */
  deferred: number;
  /** Sends that failed. */
  refused: number;
}

/** The system calls for one poll. */
export interface SyscallCounts {
  /** System calls made: to wait, to register, and to read and write the registered streams. */
  made: number;
  /**
   * System calls saved: reads and writes of these streams that returned `WouldBlock` at once,
   * because the transfer before them had already shown it.
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
