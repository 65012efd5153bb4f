import type { PollConstructorOptions } from '@evloop/core';
import { Poll as CorePoll, takesCork, UserSpaceSelector } from '@evloop/core/backend';
import { supports } from './supports.ts';

/** A poll that lives on Node's own loop, as its sources do. */
export class Poll extends CorePoll {
  /** @throws as core's `takesCork`: net has no corked polls. */
  constructor(options?: PollConstructorOptions) {
    takesCork(options, supports);
    super(new UserSpaceSelector());
  }
}
