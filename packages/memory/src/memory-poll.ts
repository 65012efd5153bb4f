import { Poll, UserSpaceSelector } from '@evloop/core/backend';
import { ClockSelector, type MemoryClock } from './clock-selector.ts';

/** The poll of this backend. It waits on the host's timers, or on a clock of the program's own. */
export class MemoryPoll extends Poll {
  constructor(clock?: MemoryClock) {
    super(clock === undefined ? new UserSpaceSelector() : new ClockSelector(clock));
  }
}
