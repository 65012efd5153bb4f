import type { PollConstructorOptions, Source } from '@evloop/core';
import { BlockingPoll, closedError, takesCork } from '@evloop/core/backend';
import { EpollSelector } from './selector/epoll-selector.ts';
import { supports } from './supports.ts';

/**
 * A poll on epoll(7), with `poll` for programs that live with Node, and `pollSync` for those that
 * are the server.
 */
export class Poll extends BlockingPoll {
  readonly #selector: EpollSelector;

  /**
   * @throws
   * - TypeError: an option is invalid
   * - a `SystemError`, `EMFILE`, `ENFILE`, `ENOMEM`: the epoll instance can't be created
   */
  constructor(options?: PollConstructorOptions) {
    const selector = new EpollSelector(takesCork(options, supports));
    super(selector);
    this.#selector = selector;
  }

  /**
   * This poll as a source, for the registry of another one, with `READABLE`: always the same
   * object, until that is closed. On its event ask this poll, without waiting, until it answers 0.
   * It is deregistered when this poll is closed.
   *
   * @throws `EVLOOP_CLOSED`; a `SystemError`: `EMFILE` …. Registering it is `ELOOP` when polls
   *   would wait for each other, or more than five in a row.
   */
  override asSource(): Source {
    if (this.closed) throw closedError('the poll');
    const source = this.#selector.asSource();
    // What became ready before there was a source to tell.
    if (this.userSpaceReady) source.attend();
    return source;
  }
}
