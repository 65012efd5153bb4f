import type { PollConstructorOptions, Source } from '@evloop/core';
import { BlockingPoll, closedError, takesCork } from '@evloop/core/backend';
import { EpollSelector } from './selector/epoll-selector.ts';
import { supports } from './supports.ts';

/**
 * A poll on epoll(7), with `poll` for programs that use Node's loop, and `pollSync` for those that
 * need nothing else.
 */
export class Poll extends BlockingPoll {
  readonly #selector: EpollSelector;

  /**
   * @throws TypeError: an option is invalid. A `SystemError`, `EMFILE`, `ENFILE` or `ENOMEM`: the
   *   epoll instance cannot be created.
   */
  constructor(options?: PollConstructorOptions) {
    const selector = new EpollSelector(takesCork(options, supports));
    super(selector);
    this.#selector = selector;
  }

  /**
   * Returns this poll as a source for the registry of another poll, with `READABLE`. It is always
   * the same object, until that is closed. On its event, poll this one without waiting until it
   * returns 0. It is deregistered when this poll is closed.
   *
   * @throws EVLOOP_CLOSED: this poll is closed. A `SystemError`: `EMFILE` … Registering it fails
   *   with `ELOOP` if polls would wait for each other, or more than five are nested.
   */
  override asSource(): Source {
    if (this.closed) throw closedError('the poll');
    const source = this.#selector.asSource();
    // Readiness from before there was a source to report it.
    if (this.userSpaceReady) source.attend();
    return source;
  }
}
