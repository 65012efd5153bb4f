import { type Events, Interest, Mode, Ready } from '@evloop/core';
import { isFull, pushEvent, UNMASKED } from '@evloop/core/backend';
import type { Cork } from '../cork/cork.ts';
import { check } from '../native/errno-error.ts';
import { awaitEvents } from '../native/message-calls.ts';
import { native } from '../native/native.ts';
import { toReady } from './epoll-flags.ts';
import type { EpollSet } from './epoll-set.ts';

const { EPOLLERR, EPOLLHUP } = native.constants;
const { EINTR, EPOLL_EVENT_WORDS, EPOLL_DATA_LOW, EPOLL_DATA_HIGH } = native.constants;
const EVENT_BYTES = EPOLL_EVENT_WORDS * Uint32Array.BYTES_PER_ELEMENT;

/** Calls epoll_wait(2), and turns its results into events. */
export class EventReader {
  readonly #epfd: number;
  readonly #set: EpollSet;
  readonly #cork: Cork | undefined;
  #words = new Uint32Array(0);
  #bytes = new Uint8Array(this.#words.buffer);

  constructor(epfd: number, set: EpollSet, cork: Cork | undefined) {
    this.#epfd = epfd;
    this.#set = set;
    this.#cork = cork;
  }

  /** Adds ready sources to `events`. A cork first sends its writes. */
  read(events: Events, timeoutMs: number): void {
    const room = this.#roomFor(events);
    const cork = this.#cork;
    this.#set.syscalls.made++;
    const count =
      cork === undefined
        ? awaitEvents(this.#epfd, this.#bytes, room, timeoutMs)
        : cork.wait(this.#epfd, this.#bytes, room, timeoutMs);
    if (count < 0 && count !== -EINTR) check(count, 'epoll_wait');
    // Failed writes are errors of their streams, which the kernel may not report.
    const failed = cork?.takeFailed();
    const words = this.#words;
    for (let at = 0; at < count * EPOLL_EVENT_WORDS; at += EPOLL_EVENT_WORDS) {
      const key = words[at + EPOLL_DATA_LOW] as number;
      const registration = this.#set.find(key, words[at + EPOLL_DATA_HIGH] as number);
      if (registration === undefined) continue;
      let bits = words[at] as number;
      let ready: Ready = 0;
      if ((bits & (EPOLLERR | EPOLLHUP)) === EPOLLERR) {
        ready = registration.takeQueued();
        // The remaining bit is an error of the socket.
        if (ready !== 0) bits &= ~EPOLLERR | native.poll(registration.fd, 0);
      }
      const state = toReady(bits);
      registration.onReady(state);
      ready |= state;
      const { interest } = registration;
      // A program that asked for urgent data should read too: a read shows where it is.
      if ((ready & interest & Interest.PRIORITY) !== 0) ready |= Interest.READABLE;
      ready &= interest | UNMASKED;
      if (failed?.delete(registration)) ready |= Ready.ERROR;
      if (ready !== 0) events[pushEvent](registration, ready);
      else if ((interest & Mode.ONESHOT) !== 0) this.#set.change(registration, interest);
    }
    for (const registration of failed ?? []) {
      registration.onReady(Ready.ERROR);
      if (events[isFull]) cork?.fail(registration);
      else events[pushEvent](registration, Ready.ERROR | Ready.WRITE_CLOSED);
    }
  }

  /** Returns the bytes of as many kernel events as `events` has room for. */
  #roomFor(events: Events): number {
    const room = (events.capacity - events.length) * EVENT_BYTES;
    if (this.#bytes.length < room) {
      this.#bytes = new Uint8Array(room);
      this.#words = new Uint32Array(this.#bytes.buffer);
    }
    return room;
  }
}
