import { once } from 'node:events';
import net from 'node:net';
import { type BlockingPoll, Events, Interest, Token, WouldBlock } from '@evloop/core';
import { afterEach, expect, test } from 'vitest';
import { Poll, TcpListener, TcpStream } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';

const { F_DUPFD_CLOEXEC } = native.constants;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function own<T extends Disposable>(source: T): T {
  cleanups.push(() => source[Symbol.dispose]());
  return source;
}

/** Two connected streams, neither registered, and a poll. */
function connected(): { poll: BlockingPoll; events: Events; near: TcpStream; far: TcpStream } {
  const poll = own(new Poll());
  const events = new Events(16);
  const listener = own(TcpListener.bind('127.0.0.1:0'));
  const near = own(TcpStream.connect(listener.localAddr()));
  poll.registry.register(listener, Token(0), Interest.READABLE);
  expect(poll.pollSync(events, 5000)).toBe(1);
  const far = listener.accept();
  if (far === WouldBlock) throw new Error('no connection');
  listener.close();
  return { poll, events, near, far: own(far) };
}

const bytes = (size: number) => new Uint8Array(size).fill(7);

test('after a short read the next one answers would-block by itself, once, and the next event says what came', () => {
  const { poll, events, near, far } = connected();
  poll.registry.register(far, Token(1), Interest.READABLE);
  near.write(bytes(10));
  expect(poll.pollSync(events, 5000)).toBe(1);
  const buffer = bytes(100);
  expect(far.read(buffer)).toBe(10);
  near.write(bytes(20));
  expect(far.read(buffer)).toBe(WouldBlock);
  expect(poll.pollSync(events, 5000)).toBe(1);
  expect(far.read(buffer)).toBe(20);
  near.write(bytes(30));
  // A program that reads on without polling is not held up for ever.
  expect(far.read(buffer)).toBe(WouldBlock);
  expect(far.read(buffer)).toBe(30);
});

test('an unregistered stream never answers would-block while there is something to read', () => {
  const { near, far } = connected();
  const buffer = bytes(100);
  for (let i = 0; i < 5; i++) {
    near.write(bytes(10));
    expect(far.read(buffer)).toBe(10);
  }
});

test('the end of the stream behind the data is read at once, when the event told of it', () => {
  const { poll, events, near, far } = connected();
  near.write(bytes(10));
  near.shutdown('write');
  poll.registry.register(far, Token(1), Interest.READABLE);
  expect(poll.pollSync(events, 5000)).toBe(1);
  expect(events.at(0)?.readClosed).toBe(true);
  const buffer = bytes(100);
  expect(far.read(buffer)).toBe(10);
  expect(far.read(buffer)).toBe(0);
});

test('urgent data ends a read early, and the rest is still read', async () => {
  const { poll, events, near, far } = connected();
  poll.registry.register(far, Token(1), Interest.READABLE);
  near.write(bytes(5));
  const fd = near.fd;
  expect(native.send(fd, bytes(1), 0, 1, native.constants.MSG_OOB)).toBe(1);
  near.write(bytes(6));
  let total = 0;
  const buffer = bytes(100);
  while (total < 11) {
    expect(poll.pollSync(events, 5000), `after ${total} bytes`).toBe(1);
    for (let size = far.read(buffer); size !== WouldBlock; size = far.read(buffer)) total += size;
  }
  expect(total).toBe(11);
});

test('PRIORITY is reported for urgent data, and says to read', () => {
  const { poll, events, near, far } = connected();
  poll.registry.register(far, Token(1), Interest.READABLE | Interest.PRIORITY);
  const fd = near.fd;
  native.send(fd, bytes(1), 0, 1, native.constants.MSG_OOB);
  expect(poll.pollSync(events, 5000)).toBe(1);
  expect(events.at(0)).toMatchObject({ token: 1, readable: true, priority: true });
});

test('a descriptor whose duplicate outlives it yields nothing more, also when its number is used again', () => {
  const { poll, events, near, far } = connected();
  poll.registry.register(far, Token(1), Interest.READABLE);
  const fd = far.fd;
  const duplicate = native.fcntl(fd, F_DUPFD_CLOEXEC, 0);
  cleanups.push(() => native.close(duplicate));
  // Closed behind the library's back: the kernel's entry lives on by the duplicate.
  native.close(fd);
  const listener = own(TcpListener.bind('127.0.0.1:0'));
  expect(listener.fd).toBe(fd);
  poll.registry.register(listener, Token(2), Interest.READABLE);
  poll.registry.deregister(far);
  near.write(bytes(3));
  expect(poll.pollSync(events, 50)).toBe(0);
});

test('writes into a full connection are taken in part, and the edge comes when there is room', () => {
  const { poll, events, near, far } = connected();
  poll.registry.register(near, Token(1), Interest.WRITABLE);
  expect(poll.pollSync(events, 5000)).toBe(1);
  const chunk = bytes(1 << 20);
  let taken = 0;
  // The kernel may move on what it took, on another processor. Then there is room, and that is
  // reported.
  do {
    const size = near.write(chunk);
    expect(size).not.toBe(WouldBlock);
    for (let more = size; more !== WouldBlock; more = near.write(chunk)) taken += more;
  } while (poll.pollSync(events, 50) > 0);
  let received = 0;
  while (received < taken) {
    const size = far.read(chunk);
    if (size === WouldBlock) continue;
    received += size;
  }
  expect(received).toBe(taken);
  expect(poll.pollSync(events, 5000)).toBe(1);
  expect(events.at(0)?.writable).toBe(true);
  expect(near.write(chunk)).toBeGreaterThan(0);
});

test('a client of node:net is served', async () => {
  const poll = own(new Poll());
  const events = new Events(16);
  const listener = own(TcpListener.bind('[::1]:0', { socket: { ipv6Only: true } }));
  poll.registry.register(listener, Token(0), Interest.READABLE);
  const socket = net.connect(listener.localAddr().port, '::1');
  await Promise.all([once(socket, 'connect'), poll.poll(events)]);
  const stream = listener.accept();
  if (stream === WouldBlock) throw new Error('no connection');
  own(stream);
  expect(stream.peerAddr()).toMatchObject({
    address: '::1',
    port: socket.localPort,
    family: 'IPv6',
  });
  stream.setTtl(33);
  expect(stream.ttl()).toBe(33);
  stream.setNodelay(true);
  expect(stream.nodelay()).toBe(true);
  stream.write(new TextEncoder().encode('hello'));
  const [data] = await once(socket, 'data');
  expect(String(data)).toBe('hello');
  socket.destroy();
});

test('invalid options throw before a descriptor is opened', () => {
  expect(() => TcpListener.bind('127.0.0.1:0', { backlog: 0 })).toThrow(RangeError);
  expect(() => TcpStream.connect('127.0.0.1:9', { localAddress: '::1' })).toThrow(TypeError);
  expect(() => TcpStream.connect('127.0.0.1:9', { localPort: 65536 })).toThrow(RangeError);
  expect(() => TcpStream.connect('localhost:9')).toThrow(/resolve names first: dns/);
});
