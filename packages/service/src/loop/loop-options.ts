import { type BlockingPoll, isBlocking, type Poll, type PollSignal } from '@evloop/core';
import { EvloopError } from '@evloop/core/backend';
import type { Clock } from './clock.ts';

/** Options of {@link Loop}. */
export interface LoopOptions {
  /**
   * Blocks the thread in `pollSync`. Default: false. Needs a backend whose `supports.pollSync` is
   * true.
   */
  readonly blocking?: boolean | undefined;
  /**
   * How long a blocking loop runs before the host's own loop turns once, in milliseconds. Default:
   * 100. `Infinity`: never, so that no signal handler, timer or promise runs; for worker threads.
   */
  readonly sliceMs?: number | undefined;
  /** The most events of one poll: an integer from 1 to 16777216. Default: 256. */
  readonly batch?: number | undefined;
  /** How long one turn may take before the poll is asked again, in milliseconds. Default: 2. */
  readonly turnMs?: number | undefined;
  /** The clock of the deadlines. Default: the host's `performance`. */
  readonly clock?: Clock | undefined;
  /** The poll to wait with. Default: a new one of the backend. */
  readonly poll?: Poll | undefined;
}

/** Options of {@link Loop.run}. */
export interface RunOptions {
  /** Stops the loop: `run` rejects with the reason of the signal. */
  readonly signal?: PollSignal | undefined;
}

/** @returns `ms`. @throws RangeError: it is not a number from 0. */
export function checkMs(name: string, ms: number): number {
  if (typeof ms === 'number' && ms >= 0) return ms;
  throw new RangeError(`invalid ${name}: ${ms} (expected a number of milliseconds from 0)`);
}

/** @returns `poll`. @throws `EVLOOP_UNSUPPORTED`: it cannot block. */
export function checkBlocking(poll: Poll): BlockingPoll {
  if (isBlocking(poll)) return poll;
  throw new EvloopError('EVLOOP_UNSUPPORTED', 'this backend cannot block the thread');
}
