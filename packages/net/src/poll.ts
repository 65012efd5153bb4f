import { Poll as CorePoll, UserSpaceSelector } from '@evloop/core/backend';

/** A poll that lives on Node's own loop, as its sources do. */
export class Poll extends CorePoll {
  constructor() {
    super(new UserSpaceSelector());
  }
}
