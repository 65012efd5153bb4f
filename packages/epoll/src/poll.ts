import { BlockingPoll } from '@evloop/core';
import { EpollSelector } from './epoll-selector.ts';

/** A poll on epoll(7), with `poll` for programs that live with Node, and `pollSync` for those that are the server. */
export class Poll extends BlockingPoll {
  /** @throws a `SystemError`: `EMFILE`, `ENFILE`, `ENOMEM`. */
  constructor() {
    super(new EpollSelector());
  }
}
