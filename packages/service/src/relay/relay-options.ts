import type { PollSignal } from '@evloop/core';

/** Options of {@link relay}. */
export interface RelayOptions {
  /**
   * The most that is read before it is written, and waits for each direction, in bytes. Default:
   * 65536.
   */
  readonly bufferSize?: number | undefined;
  /** Ends the relay when no byte has moved for this long, in milliseconds. Default: never. */
  readonly idleTimeout?: number | undefined;
  /**
   * The same once one side has ended, in milliseconds. Default: 60000. A peer that is gone without
   * a word would otherwise hold both sockets for ever, one of them in CLOSE_WAIT.
   */
  readonly halfCloseIdleMs?: number | undefined;
  /** Closes both streams: the relay rejects with the reason of the signal. */
  readonly signal?: PollSignal | undefined;
}

/** How many bytes a relay has carried. */
export interface RelayCounts {
  /** The bytes that the second stream has taken. */
  readonly aToB: number;
  /** The bytes that the first stream has taken. */
  readonly bToA: number;
}
