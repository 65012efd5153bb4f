import assert from 'node:assert/strict';
import { Events, type Interest, type Source, Token } from '@evloop/core';
import { Poll } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { toEpoll } from '../../src/selector/epoll-flags.ts';
import { atEnd, own } from '../support/fixture.ts';

const { EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_EVENT_WORDS } = native.constants;
const { EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLERR, EPOLLHUP, EPOLLRDHUP } = native.constants;
const BITS: Readonly<Record<string, number>> = {
  IN: EPOLLIN,
  PRI: EPOLLPRI,
  OUT: EPOLLOUT,
  ERR: EPOLLERR,
  HUP: EPOLLHUP,
  RDHUP: EPOLLRDHUP,
};
const PREDICATES = {
  r: 'readable',
  w: 'writable',
  e: 'error',
  rc: 'readClosed',
  wc: 'writeClosed',
  p: 'priority',
} as const;

/** A source whose descriptor can be watched from beside it. */
export interface WithFd extends Source {
  readonly fd: number;
}

function epoll(): number {
  const fd = native.epollCreate1();
  assert.ok(fd >= 0);
  atEnd(() => native.close(fd));
  return fd;
}

function ask(epfd: number, timeoutMs: number): number {
  const buffer = new Uint32Array(EPOLL_EVENT_WORDS);
  const bytes = new Uint8Array(buffer.buffer);
  const count = native.epollWait(epfd, bytes, 0, bytes.length, timeoutMs);
  assert.ok(count >= 0);
  return count === 0 ? 0 : (buffer[0] as number);
}

const show = (bits: number): string =>
  Object.keys(BITS)
    .filter((name) => (bits & (BITS[name] as number)) !== 0)
    .join('|') || 'none';

/**
 * What watches one source in three ways: as a source of our poll, as a bare entry of an
 * edge-triggered epoll with the same bits, and level-triggered, so that a test knows when a
 * situation has come about and no clock must guess it.
 */
export class Stage {
  readonly #poll = own(new Poll());
  readonly #events = new Events(4);
  readonly #raw = epoll();
  readonly #level = epoll();
  #source: WithFd | undefined;
  #interest: Interest = 0;

  /** Begins to watch. */
  watch(source: WithFd, interest: Interest): void {
    this.#poll.registry.register(source, Token(0), interest);
    native.epollCtl(this.#raw, EPOLL_CTL_ADD, source.fd, toEpoll(interest), 0, 0);
    const all = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP;
    native.epollCtl(this.#level, EPOLL_CTL_ADD, source.fd, all, 0, 0);
    this.#source = source;
    this.#interest = interest;
  }

  /** EPOLL_CTL_MOD: reregisters. */
  modify(interest: Interest): void {
    const source = this.#source as WithFd;
    this.#poll.registry.reregister(source, Token(0), interest);
    native.epollCtl(this.#raw, EPOLL_CTL_MOD, source.fd, toEpoll(interest), 0, 0);
    this.#interest = interest;
  }

  /** Lets what there is be reported. */
  seen(): void {
    while (this.#poll.pollSync(this.#events, 0) > 0);
    while (ask(this.#raw, 0) !== 0);
  }

  /** Waits until the state of the descriptor, as poll(2) would tell it, is `mask`: `'IN|OUT'`. */
  until(mask: string, of: number = ~0): void {
    const deadline = performance.now() + 5000;
    let state = show(ask(this.#level, 0) & of);
    while (state !== mask) {
      assert.ok(performance.now() < deadline, `the state is ${state}, not ${mask}`);
      state = show(ask(this.#level, 1) & of);
    }
  }

  /** The next edge is `mask` to epoll, and `predicates` in our event: `'r w rc'`. */
  expect(mask: string, predicates: string): void {
    if (mask === 'none') {
      assert.equal(show(ask(this.#raw, 20)), 'none');
    } else {
      this.until(mask, toEpoll(this.#interest) | EPOLLERR | EPOLLHUP);
      assert.equal(show(ask(this.#raw, 5000)), mask);
    }
    this.#poll.pollSync(this.#events, predicates === '–' ? 20 : 5000);
    assert.equal(this.#predicates(), predicates);
  }

  #predicates(): string {
    const event = this.#events.at(0);
    if (event === undefined) return '–';
    const set = Object.entries(PREDICATES).flatMap(([short, name]) => (event[name] ? [short] : []));
    return set.join(' ') || 'nothing';
  }
}
