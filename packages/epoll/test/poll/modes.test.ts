// What modes mean on every backend is a chapter of the suite. Here is what is epoll's own.
import { Interest, Mode, Token, WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { TcpListener, TcpStream, UnixStream } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { toEpoll } from '../../src/selector/epoll-flags.ts';
import { bytes, own, some, tcpPair, tokens, watched } from '../support/fixture.ts';

const { READABLE, WRITABLE, PRIORITY } = Interest;
const buffer = new Uint8Array(100);

test('level: every poll reports what still holds, and short reads are no drains', () => {
  const { client, server } = tcpPair();
  const { poll, events } = watched(READABLE | Mode.LEVEL, server);
  client.write(bytes('abc'));
  expect(tokens(poll, events, 5000)).toEqual([0]);
  expect(tokens(poll, events)).toEqual([0]);
  expect(server.read(buffer, 0, 10)).toBe(3);
  client.write(bytes('d'));
  // Had the short read been taken for a drain, this would answer would-block.
  let read: number | WouldBlock = WouldBlock;
  while (read === WouldBlock) read = server.read(buffer, 0, 10);
  expect(read).toBe(1);
  expect(tokens(poll, events)).toEqual([]);
  client.close();
  expect(tokens(poll, events, 5000)).toEqual([0]);
  expect(tokens(poll, events)).toEqual([0]);
  expect(events.at(0)).toMatchObject({ readClosed: true });
  poll.registry.reregister(server, Token(5), READABLE);
  expect([tokens(poll, events), tokens(poll, events)]).toEqual([[5], []]);
});

test('level: urgent data without PRIORITY in the interest wakes no poll', () => {
  const { client, server } = tcpPair();
  const { poll, events } = watched(READABLE | Mode.LEVEL, server);
  // One byte out of band: nothing that a plain read returns.
  native.send(client.fd, bytes('u'), 0, 1, native.constants.MSG_OOB);
  expect(tokens(poll, events, 100)).toEqual([]);
  // Were it asked for, the kernel would answer at once, over and over, and nothing would come of it
  // but heat.
  expect(toEpoll(READABLE | Mode.LEVEL) & native.constants.EPOLLPRI).toBe(0);
  poll.registry.reregister(server, Token(0), READABLE | PRIORITY | Mode.LEVEL);
  expect(tokens(poll, events, 5000)).toEqual([0]);
  expect(events.at(0)).toMatchObject({ priority: true });
});

test('exclusive: polls share a listener, every connection is reported to at least one, and not all wake', () => {
  const listener = own(TcpListener.bind('127.0.0.1:0'));
  const others = Array.from({ length: 3 }, () => own(TcpListener.fromFd(duplicate(listener.fd))));
  const polls = others.map((other) => watched(READABLE | Mode.EXCLUSIVE, other));
  const client = own(TcpStream.connect(listener.localAddr()));
  const { poll: own1, events: ev } = watched(WRITABLE, client);
  own1.pollSync(ev, 5000);
  const woken = polls.filter(({ poll, events }) => poll.pollSync(events, 50) > 0);
  expect(woken.length).toBeGreaterThanOrEqual(1);
  // The kernel takes no EPOLL_CTL_MOD of such an entry; reregistering works all the same.
  const [first] = polls as [(typeof polls)[0]];
  first.poll.registry.reregister(others[0] as TcpListener, Token(7), READABLE);
  expect(tokens(first.poll, first.events)).toEqual([7]);
  first.poll.registry.reregister(others[0] as TcpListener, Token(8), READABLE | Mode.EXCLUSIVE);
  expect(tokens(first.poll, first.events)).toEqual([8]);
  expect(some(listener.accept())).toBeInstanceOf(TcpStream);
  expect(listener.accept()).toBe(WouldBlock);
});

function duplicate(fd: number): number {
  const [near, far] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
  near.writeWithFds(bytes('x'), [fd]);
  return some(far.readWithFds(new Uint8Array(1))).fds[0] as number;
}
