import { closeSync, openSync } from 'node:fs';
import { Interest } from '@evloop/core';
import { onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';
import { TcpListener, TcpStream } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { atEnd, own, watched } from '../support/fixture.ts';
import { otherSituations } from './situations-other.ts';
import { tcpSituations } from './situations-tcp.ts';
import { tcpEndSituations } from './situations-tcp-ends.ts';
import { Stage } from './stage.ts';

// Linux' readiness case by case: what epoll reports, edge-triggered, and what our events make of
// it.
const situations = [...tcpSituations, ...tcpEndSituations, ...otherSituations];
for (const [name, mask, predicates, arrange, then] of situations) {
  test(`${name}: ${mask} → ${predicates}`, () => {
    const stage = new Stage();
    arrange(stage);
    stage.expect(mask, predicates);
    then?.();
  });
}

test('a connection to a listener in two polls is reported to both', () => {
  const listener = own(TcpListener.bind('127.0.0.1:0'));
  const { EPOLL_CTL_ADD, EPOLL_EVENT_WORDS, EPOLLIN, EPOLLET } = native.constants;
  const other = native.epollCreate1();
  atEnd(() => native.close(other));
  native.epollCtl(other, EPOLL_CTL_ADD, listener.fd, (EPOLLIN | EPOLLET) >>> 0, 0, 0);
  const { poll, events } = watched(Interest.READABLE, listener);
  own(TcpStream.connect(listener.localAddr()));
  expect(poll.pollSync(events, 5000)).toBe(1);
  const room = 4 * EPOLL_EVENT_WORDS;
  expect(native.epollWait(other, new Uint8Array(room), 0, room, 5000)).toBe(1);
});

const { EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL } = native.constants;
const { EEXIST, ENOENT, EPERM, EBADF } = native.constants;
for (const [name, operations, path, errno] of [
  ['ADD twice', [EPOLL_CTL_ADD, EPOLL_CTL_ADD], undefined, EEXIST],
  ['MOD of what is not there', [EPOLL_CTL_MOD], undefined, ENOENT],
  ['DEL of what is not there', [EPOLL_CTL_DEL], undefined, ENOENT],
  ['ADD of a regular file', [EPOLL_CTL_ADD], import.meta.filename, EPERM],
  ['ADD of /dev/null', [EPOLL_CTL_ADD], '/dev/null', EPERM],
  ['ADD of a descriptor that is none', [EPOLL_CTL_ADD], 'none', EBADF],
] as const) {
  test(`${name} is refused by the kernel with errno ${errno}`, () => {
    const epfd = native.epollCreate1();
    atEnd(() => native.close(epfd));
    let fd = 0x7fffff;
    if (path === undefined) fd = own(TcpListener.bind('127.0.0.1:0')).fd;
    else if (path !== 'none') {
      fd = openSync(path, 'r');
      atEnd(() => closeSync(fd));
    }
    const results = operations.map((op) => native.epollCtl(epfd, op, fd, 1, 0, 0));
    expect(results.at(-1)).toBe(-errno);
  });
}

// Two situations that need more than a stage.
for (const [name, elsewhere] of [
  [
    'accept fails with EMFILE, then descriptors are free: no edge',
    'it takes a process with few descriptors: waiting.test.ts and programs/accept-recovery.mjs',
  ],
  [
    'a wake of a waker that is closed before the poll: none',
    'a portable rule: conformance, ‘closing a waker drops its unreported wake’',
  ],
] as const) {
  test(name, onlyIf(false, elsewhere), () => {});
}
