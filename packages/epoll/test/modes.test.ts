import {
  Poll as CorePoll,
  Events,
  Interest,
  Mode,
  Token,
  UserSpaceSelector,
  WouldBlock,
} from '@evloop/core';
import { expect, test } from 'vitest';
import {
  Poll,
  pipe,
  Readiness,
  Ready,
  TcpListener,
  TcpStream,
  UnixStream,
  Waker,
} from '../src/index.ts';
import { native } from '../src/native.ts';
import { bytes, code, own, some, tcpPair, tokens, watched } from './fixture.ts';

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

test('level: urgent data that nobody asked for wakes nobody', () => {
  const { client, server } = tcpPair();
  const { poll, events } = watched(READABLE | Mode.LEVEL, server);
  // One byte out of band: nothing that a plain read returns.
  native.send(client.fd, bytes('u'), 0, 1, native.constants.MSG_OOB);
  const before = process.cpuUsage();
  expect(tokens(poll, events, 100)).toEqual([]);
  expect(process.cpuUsage(before).user).toBeLessThan(50_000);
  poll.registry.reregister(server, Token(0), READABLE | PRIORITY | Mode.LEVEL);
  expect(tokens(poll, events, 5000)).toEqual([0]);
  expect(events.at(0)).toMatchObject({ priority: true });
});

test('one-shot: one event, then none until reregister', () => {
  const { client, server } = tcpPair();
  const { poll, events } = watched(READABLE | WRITABLE | Mode.ONESHOT, server);
  expect(tokens(poll, events, 5000)).toEqual([0]);
  client.write(bytes('abc'));
  client.close();
  expect(tokens(poll, events, 20)).toEqual([]);
  poll.registry.reregister(server, Token(1), READABLE | Mode.ONESHOT);
  expect(tokens(poll, events, 5000)).toEqual([1]);
  expect(events.at(0)).toMatchObject({ readable: true, readClosed: true });
  expect(server.read(buffer, 0, 10)).toBe(3);
  expect(server.read(buffer, 0, 10)).toBe(0);
  expect(tokens(poll, events, 20)).toEqual([]);
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

test('modes that exclude each other, and those without a descriptor, are refused, and nothing changes', () => {
  const [sender, receiver] = pipe();
  own(sender);
  own(receiver);
  const poll = own(new Poll());
  for (const wrong of [Mode.LEVEL, READABLE | 2048, READABLE | Mode.LEVEL | Mode.ONESHOT]) {
    expect(() => poll.registry.register(receiver, Token(0), wrong)).toThrow(RangeError);
  }
  for (const wrong of [Mode.EXCLUSIVE | Mode.ONESHOT | READABLE, Mode.EXCLUSIVE | PRIORITY]) {
    expect(() => poll.registry.register(receiver, Token(0), wrong)).toThrow(RangeError);
  }
  const channel = new Readiness(undefined);
  expect(code(() => poll.registry.register(channel, Token(0), READABLE | Mode.EXCLUSIVE))).toBe(
    'EVLOOP_UNSUPPORTED',
  );
  expect(poll.registry.size).toBe(0);
});

for (const [name, make] of [
  ['epoll', () => new Poll()],
  ['user space', () => new CorePoll(new UserSpaceSelector())],
] as const) {
  test(`${name}: level and one-shot of sources in user space`, async () => {
    const poll = own(make());
    const events = new Events(4);
    const level = new Readiness();
    const once = new Readiness();
    poll.registry.register(level, Token(0), READABLE | Mode.LEVEL);
    poll.registry.register(once, Token(1), READABLE | Mode.ONESHOT);
    level.set(Ready.READABLE);
    once.set(Ready.READABLE);
    const polled = async () => {
      await poll.poll(events, 0);
      return [...events].map((event) => event.token);
    };
    expect(await polled()).toEqual([0, 1]);
    expect([await polled(), await polled()]).toEqual([[0], [0]]);
    level.clear(Ready.READABLE);
    once.clear(Ready.READABLE);
    once.set(Ready.READABLE | Ready.READ_CLOSED);
    expect(await polled()).toEqual([]);
    poll.registry.reregister(once, Token(2), READABLE | Mode.ONESHOT);
    expect([await polled(), await polled()]).toEqual([[2], []]);
  });
}

test('a poll is a source of another: descriptors, user-space sources and wakers of it wake the outer one', () => {
  const [sender, receiver] = pipe();
  own(sender);
  const { poll: inner, events } = watched(READABLE, own(receiver));
  const outer = own(new Poll());
  outer.registry.register(inner.asSource(), Token(9), READABLE);
  const waker = new Waker(inner.registry, Token(3));
  expect(tokens(outer, events)).toEqual([]);
  sender.write(bytes('x'));
  expect(tokens(outer, events, 5000)).toEqual([9]);
  expect([tokens(inner, events), tokens(inner, events)]).toEqual([[0], []]);
  waker.wake();
  expect(tokens(outer, events, 5000)).toEqual([9]);
  expect([tokens(inner, events), tokens(inner, events)]).toEqual([[3], []]);
  expect(tokens(outer, events)).toEqual([]);
  expect(code(() => inner.registry.register(outer.asSource(), Token(1), READABLE))).toBe('ELOOP');
  inner.close();
  expect(outer.registry.size).toBe(0);
  expect(code(() => inner.asSource())).toBe('EVLOOP_CLOSED');
});

function duplicate(fd: number): number {
  const [near, far] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
  near.writeWithFds(bytes('x'), [fd]);
  return some(far.readWithFds(new Uint8Array(1))).fds[0] as number;
}
