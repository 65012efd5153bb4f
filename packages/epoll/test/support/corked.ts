import type { PollConstructorOptions } from '@evloop/core';
import * as epoll from '../../src/index.ts';

class CorkedPoll extends epoll.Poll {
  constructor(options: PollConstructorOptions = {}) {
    super({ cork: true, ...options });
  }
}

/** epoll, with polls that are corked. */
export const corked = { ...epoll, Poll: CorkedPoll };
