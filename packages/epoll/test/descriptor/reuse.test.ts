import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Events, Interest, Mode, Token, WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { Poll, SourceFd, UdpSocket, UnixStream } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { atEnd, bytes, code, own, some, tokens, watched } from '../support/fixture.ts';

const { READABLE, WRITABLE, PRIORITY } = Interest;

for (const duplicated of [false, true]) {
  test(`a number that is used again within a batch has no event of the old source${duplicated ? ', which a duplicate keeps open' : ''}`, () => {
    const pairs = [UnixStream.pair(), UnixStream.pair()] as const;
    for (const source of pairs.flat()) own(source);
    const [[a, farA], [b, farB]] = pairs;
    const { poll, events } = watched(READABLE, a, b);
    farA.write(bytes('a'));
    farB.write(bytes('b'));
    if (duplicated) atEnd(() => native.close(copy));
    const copy = duplicated ? native.fcntl(b.fd, native.constants.F_DUPFD_CLOEXEC, 0) : -1;
    expect(poll.pollSync(events, 5000)).toBe(2);
    const seen: number[] = [];
    let reused: UdpSocket | undefined;
    for (const event of events) {
      seen.push(event.token);
      const other = event.token === 0 ? b : a;
      const { fd } = other;
      other.close();
      reused = own(UdpSocket.bind('127.0.0.1:0'));
      expect(reused.fd).toBe(fd);
      // Under the token of the old one, even.
      poll.registry.register(reused, Token(event.token === 0 ? 1 : 0), READABLE);
    }
    expect(seen).toHaveLength(1);
    // The duplicate is in nobody's set: closing took the descriptor out of it.
    if (duplicated) farB.write(bytes('more'));
    expect(tokens(poll, events, 30).filter((token) => token !== seen[0])).toEqual([]);
    reused?.sendTo(bytes('x'), reused.localAddr());
    expect(tokens(poll, events, 5000)).toContain(seen[0] === 0 ? 1 : 0);
  });
}

test('a terminal, an eventfd, an inotify instance and /proc/self/mounts are sources', async () => {
  const poll = own(new Poll());
  const events = new Events(8);
  const terminal = openSync('/dev/ptmx', 'r+');
  atEnd(() => closeSync(terminal));
  const mounts = openSync('/proc/self/mounts', 'r');
  atEnd(() => closeSync(mounts));
  const counter = native.eventfd(0);
  atEnd(() => native.close(counter));
  const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
  const watcher = watch(folder);
  atEnd(() => {
    watcher.close();
    rmSync(folder, { recursive: true });
  });
  const inotify = readdirSync('/proc/self/fd').find((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('inotify');
    } catch {
      return false;
    }
  });
  poll.registry.register(own(new SourceFd(terminal)), Token(1), WRITABLE);
  poll.registry.register(own(new SourceFd(mounts)), Token(2), PRIORITY);
  poll.registry.register(own(new SourceFd(counter)), Token(3), READABLE);
  poll.registry.register(own(new SourceFd(Number(inotify))), Token(4), READABLE);
  expect(tokens(poll, events, 5000)).toEqual([1]);
  native.write(counter, new Uint8Array(8).fill(1, 0, 1), 0, 8);
  writeFileSync(join(folder, 'file'), 'x');
  const seen = new Set<number>();
  while (seen.size < 2) for (const token of tokens(poll, events, 5000)) seen.add(token);
  expect([...seen].sort()).toEqual([3, 4]);
});

test('a number that is replaced behind our back, as dup2 does, brings the new source no event of the old one', () => {
  const [a, farA] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
  const [b, farB] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
  const [other, farOther] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
  const { poll, events } = watched(READABLE, a, b);
  farA.write(bytes('a'));
  farB.write(bytes('b'));
  expect(poll.pollSync(events, 60_000)).toBe(2);
  const seen: number[] = [];
  let replaced: UnixStream | undefined;
  for (const event of events) {
    seen.push(event.token);
    if (replaced !== undefined) continue;
    const victim = event.token === 0 ? b : a;
    const fd = victim.intoFd();
    // dup2(2) in two steps: the number means another open file from now on.
    native.close(fd);
    expect(native.fcntl(other.fd, native.constants.F_DUPFD_CLOEXEC, fd)).toBe(fd);
    replaced = own(UnixStream.fromFd(fd));
    poll.registry.register(replaced, Token(9), READABLE);
  }
  expect(seen).toHaveLength(1);
  (seen[0] === 0 ? farB : farA).close();
  expect(tokens(poll, events, 30)).toEqual([]);
  farOther.write(bytes('new'));
  expect(tokens(poll, events, 60_000)).toEqual([9]);
});

test('any number of descriptors can be passed, and unread ones are closed with the socket', () => {
  const [near, far] = UnixStream.pair();
  const before = readdirSync('/proc/self/fd').length;
  for (let i = 0; i < 20; i++)
    near.writeWithFds(
      bytes('x'),
      Array.from({ length: 253 }, () => far.fd),
    );
  const { size, fds, truncated } = some(far.readWithFds(new Uint8Array(1)));
  expect([size, fds.length, truncated]).toEqual([1, 253, false]);
  for (const fd of fds) native.close(fd);
  expect(some(far.readWithFds(new Uint8Array(1), 0))).toEqual({
    size: 1,
    fds: [],
    truncated: true,
  });
  expect(far.read(new Uint8Array(1))).toBe(1);
  expect(() =>
    near.writeWithFds(
      bytes('x'),
      Array.from({ length: 254 }, () => 0),
    ),
  ).toThrow(RangeError);
  near.close();
  far.close();
  expect(readdirSync('/proc/self/fd').length).toBe(before - 2);
});

/** A source whose descriptor was closed before it, and a registered one that has the number now. */
function superseded({ duplicated = false } = {}) {
  const [near, far] = UnixStream.pair();
  own(far);
  const fd = near.intoFd();
  const { poll, events } = watched(READABLE);
  const old = own(new SourceFd(fd));
  poll.registry.register(old, Token(1), READABLE);
  const duplicate = duplicated ? native.fcntl(fd, native.constants.F_DUPFD_CLOEXEC, fd + 1) : -1;
  if (duplicated) atEnd(() => native.close(duplicate));
  native.close(fd);
  const reused = own(UdpSocket.bind('127.0.0.1:0'));
  expect(reused.fd).toBe(fd);
  poll.registry.register(reused, Token(2), READABLE);
  const reported = (): number[] => {
    reused.sendTo(bytes('x'), reused.localAddr());
    const seen = tokens(poll, events, 5000);
    expect(reused.recv(new Uint8Array(8))).toBe(1);
    expect(reused.recv(new Uint8Array(8))).toBe(WouldBlock);
    return seen;
  };
  return { poll, events, old, far, fd, duplicate, reported };
}

test.each([
  ['closed', false],
  ['closed', true],
  ['deregistered', false],
  ['deregistered', true],
] as const)(
  'a source that is %s after its descriptor does not touch who has the number now (duplicate: %s)',
  (how, duplicated) => {
    const { poll, old, reported } = superseded({ duplicated });
    expect(reported()).toEqual([2]);
    if (how === 'closed') old.close();
    else poll.registry.deregister(old);
    expect(reported()).toEqual([2]);
    expect(poll.registry.size).toBe(1);
  },
);

test('a source whose descriptor was closed cannot be reregistered, even if the number is in use again', () => {
  for (const mode of [0, Mode.EXCLUSIVE]) {
    const { poll, old, reported } = superseded();
    expect(code(() => poll.registry.reregister(old, Token(3), READABLE | mode))).toBe('ENOENT');
    expect(reported()).toEqual([2]);
    old.close();
    expect(reported()).toEqual([2]);
  }
});

test('a number that leads to its old file again can be registered again', () => {
  const [near, far] = UnixStream.pair();
  own(far);
  const fd = near.intoFd();
  const { poll, events } = watched(READABLE);
  const old = new SourceFd(fd);
  poll.registry.register(old, Token(1), READABLE);
  const duplicate = native.fcntl(fd, native.constants.F_DUPFD_CLOEXEC, fd + 1);
  atEnd(() => native.close(duplicate));
  native.close(fd);
  old.close();
  expect(native.fcntl(duplicate, native.constants.F_DUPFD_CLOEXEC, fd)).toBe(fd);
  atEnd(() => native.close(fd));
  // The kernel still has the entry of the number and the file.
  const source = own(new SourceFd(fd));
  poll.registry.register(source, Token(2), READABLE);
  expect(code(() => poll.registry.register(own(new SourceFd(fd)), Token(3), READABLE))).toBe(
    'EEXIST',
  );
  far.write(bytes('x'));
  expect(tokens(poll, events, 5000)).toEqual([2]);
});

test('what a duplicate of a closed descriptor reports is not taken for another source with its key', () => {
  const [near, far] = UnixStream.pair();
  own(far);
  const fd = near.intoFd();
  const { poll, events } = watched(READABLE);
  const old = own(new SourceFd(fd));
  poll.registry.register(old, Token(1), READABLE);
  const duplicate = native.fcntl(fd, native.constants.F_DUPFD_CLOEXEC, fd + 1);
  atEnd(() => native.close(duplicate));
  native.close(fd);
  poll.registry.deregister(old);
  // It has the key that the other one had, which the kernel still gives back for the duplicate.
  const other = own(UdpSocket.bind('127.0.0.1:0'));
  poll.registry.register(other, Token(2), READABLE);
  far.write(bytes('x'));
  expect(tokens(poll, events, 30)).toEqual([]);
  other.sendTo(bytes('x'), other.localAddr());
  expect(tokens(poll, events, 5000)).toEqual([2]);
});
