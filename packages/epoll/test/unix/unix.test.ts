import { spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlockingPoll, Events, Interest, type Source, Token, WouldBlock } from '@evloop/core';
import { afterAll, afterEach, expect, test } from 'vitest';
import {
  PipeReceiver,
  PipeSender,
  Poll,
  pipe,
  SourceFd,
  TcpListener,
  TcpStream,
  UdpSocket,
  UnixDatagram,
  UnixListener,
  UnixStream,
} from '../../src/index.ts';

const { READABLE, WRITABLE } = Interest;
const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function own<T extends Disposable>(source: T): T {
  cleanups.push(() => source[Symbol.dispose]());
  return source;
}

function watched(interest: number, ...sources: Source[]): { poll: BlockingPoll; events: Events } {
  const poll = own(new Poll());
  for (const [i, source] of sources.entries()) poll.registry.register(source, Token(i), interest);
  return { poll, events: new Events(16) };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const code = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
};
const some = <T>(value: T | WouldBlock): T => {
  if (value === WouldBlock) throw new Error('would block');
  return value;
};
let serial = 0;
const freshPath = () => join(folder, String(serial++));

for (const [kind, name] of [
  ['a path', freshPath],
  ['an abstract name', () => `\0evloop-${process.pid}-${serial++}`],
] as const) {
  test(`streams meet at ${kind}`, () => {
    const path = name();
    const listener = own(UnixListener.bind(path));
    const { poll, events } = watched(READABLE | WRITABLE, listener);
    expect(poll.pollSync(events, 20)).toBe(0);
    const client = own(UnixStream.connect(path));
    expect(poll.pollSync(events, 5000)).toBe(1);
    const server = own(some(listener.accept()));
    expect(listener.accept()).toBe(WouldBlock);
    expect([listener.localAddr(), server.localAddr(), client.peerAddr()]).toEqual([
      path,
      path,
      path,
    ]);
    expect([client.localAddr(), server.peerAddr()]).toEqual(['', '']);
    expect(client.finishConnect()).toBe(true);
    expect(server.peerCredentials()).toMatchObject({ pid: process.pid });
    client.writev([bytes('hel'), bytes('lo')]);
    client.shutdown('write');
    const buffer = new Uint8Array(10);
    expect(server.peek(buffer)).toBe(5);
    expect(server.read(buffer)).toBe(5);
    expect(server.read(buffer)).toBe(0);
    expect(code(() => client.write(bytes('x')))).toBe('EPIPE');
  });

  test(`datagrams meet at ${kind}`, () => {
    const path = name();
    const one = own(UnixDatagram.bind(path));
    const two = own(UnixDatagram.unbound());
    const { poll, events } = watched(READABLE, one, two);
    two.sendTo(bytes('hello'), path);
    expect(poll.pollSync(events, 5000)).toBe(1);
    expect(one.recvFrom(new Uint8Array(3))).toEqual({ size: 3, address: '', truncated: true });
    expect(one.recv(new Uint8Array(3))).toBe(WouldBlock);
    two.connect(path);
    expect(two.peerAddr()).toBe(path);
    expect(two.send(bytes(''))).toBe(0);
    expect(one.recv(new Uint8Array(3))).toBe(0);
    expect(code(() => one.send(bytes('x')))).toBe('ENOTCONN');
  });
}

test('the socket file stays, unless it was to be removed', () => {
  const [kept, removed] = [freshPath(), freshPath()];
  UnixListener.bind(kept).close();
  expect(existsSync(kept)).toBe(true);
  expect(code(() => UnixListener.bind(kept))).toBe('EADDRINUSE');
  expect(code(() => UnixStream.connect(kept))).toBe('ECONNREFUSED');
  UnixListener.bind(removed, { unlinkOnClose: true }).close();
  expect(existsSync(removed)).toBe(false);
  expect(code(() => UnixStream.connect(removed))).toBe('ENOENT');
  expect(() => UnixListener.bind(`/${'x'.repeat(107)}`)).toThrow(RangeError);
  expect(() => UnixListener.bind('a\0b')).toThrow(TypeError);
});

test('a full backlog is EAGAIN from connect, and nothing stays open', () => {
  const path = freshPath();
  const listener = own(UnixListener.bind(path, { backlog: 1 }));
  own(UnixStream.connect(path));
  own(UnixStream.connect(path));
  expect(code(() => UnixStream.connect(path))).toBe('EAGAIN');
  own(some(listener.accept()));
  own(UnixStream.connect(path));
});

test('a client of node:net is served', async () => {
  const path = freshPath();
  const listener = own(UnixListener.bind(path));
  const { poll, events } = watched(READABLE, listener);
  const socket = net.connect(path);
  cleanups.push(() => socket.destroy());
  await poll.poll(events, 5000);
  const server = own(some(listener.accept()));
  server.write(bytes('hi'));
  const data = await new Promise((resolve) => socket.once('data', resolve));
  expect(String(data)).toBe('hi');
});

test('descriptors are passed along, and what does not fit is closed', () => {
  const [near, far] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
  const [sender, receiver] = pipe();
  own(sender);
  expect(near.writeWithFds(bytes('take'), [receiver.fd, receiver.fd, receiver.fd])).toBe(4);
  receiver.close();
  const buffer = new Uint8Array(10);
  const got = some(far.readWithFds(buffer, 2));
  expect(got).toMatchObject({ size: 4, truncated: true });
  expect(got.fds).toHaveLength(2);
  for (const fd of got.fds) expect(fstatSync(fd).isFIFO()).toBe(true);
  sender.write(bytes('through'));
  const adopted = own(PipeReceiver.fromFd(got.fds[0] as number));
  expect(adopted.read(buffer)).toBe(7);
  closeSync(got.fds[1] as number);
  expect(far.readWithFds(buffer)).toBe(WouldBlock);
  expect(() => near.writeWithFds(new Uint8Array(0), [0])).toThrow(RangeError);
  expect(code(() => near.writeWithFds(bytes('x'), [1_000_000]))).toBe('EBADF');
});

test('a pipe whose sender goes away ends, and one whose receiver goes away breaks', () => {
  const [sender, receiver] = pipe();
  own(sender);
  own(receiver);
  const { poll, events } = watched(READABLE, receiver);
  sender.close();
  expect(poll.pollSync(events, 5000)).toBe(1);
  expect(events.at(0)).toMatchObject({ readable: false, readClosed: true });
  expect(receiver.read(new Uint8Array(1))).toBe(0);

  const [writing, gone] = pipe();
  own(writing);
  gone.close();
  expect(code(() => writing.write(bytes('x')))).toBe('EPIPE');
});

test("a child's standard input and output are sources", async () => {
  const [toChild, childIn] = pipe();
  const [childOut, fromChild] = pipe();
  own(toChild);
  own(fromChild);
  const child = spawn('cat', { stdio: [childIn.fd, childOut.fd, 'inherit'] });
  childIn.close();
  childOut.close();
  const { poll, events } = watched(READABLE, fromChild);
  toChild.write(bytes('echo'));
  await poll.poll(events, 5000);
  const buffer = new Uint8Array(10);
  expect(fromChild.read(buffer)).toBe(4);
  toChild.close();
  await poll.poll(events, 5000);
  expect(fromChild.read(buffer)).toBe(0);
  await new Promise((resolve) => child.once('exit', resolve));
});

test('any descriptor that can be polled is a source, and others throw with the reason', () => {
  const [sender, receiver] = pipe();
  own(sender);
  own(receiver);
  const source = new SourceFd(receiver.fd);
  const { poll, events } = watched(READABLE, source);
  sender.write(bytes('x'));
  expect(poll.pollSync(events, 5000)).toBe(1);
  poll.registry.deregister(source);
  const file = openSync('/proc/self/exe', 'r');
  cleanups.push(() => closeSync(file));
  expect(() => poll.registry.register(new SourceFd(file), Token(9), READABLE)).toThrow(
    /EPERM.*cannot be polled/,
  );
  expect(code(() => poll.registry.register(new SourceFd(999_999), Token(9), READABLE))).toBe(
    'EBADF',
  );
  expect(() => new SourceFd(-1)).toThrow(RangeError);
  expect(poll.registry.size).toBe(0);
});

test('descriptors can be given up and adopted again, and the wrong kind throws and stays open', () => {
  const tcp = TcpListener.bind('127.0.0.1:0');
  const address = tcp.localAddr();
  const fd = tcp.intoFd();
  expect(code(() => tcp.localAddr())).toBe('EVLOOP_CLOSED');
  tcp.close();
  for (const wrong of [TcpStream, UdpSocket, UnixListener, UnixStream, UnixDatagram]) {
    expect(() => wrong.fromFd(fd)).toThrow(/found TCP listener/);
  }
  expect(own(TcpListener.fromFd(fd)).localAddr()).toEqual(address);
  const udp = UdpSocket.bind('127.0.0.1:0');
  expect(own(UdpSocket.fromFd(udp.intoFd())).localAddr().family).toBe('IPv4');
  expect(code(() => TcpListener.fromFd(999_999))).toBe('EBADF');
  expect(() => TcpListener.fromFd(1.5)).toThrow(RangeError);
  expect(code(() => PipeSender.fromFd(999_999))).toBe('EBADF');
});

test('the file of a listener goes with its descriptor', () => {
  const path = join(folder, 'given-away');
  const listener = UnixListener.bind(path, { unlinkOnClose: true });
  const heir = own(UnixListener.fromFd(listener.intoFd()));
  listener.close();
  expect(existsSync(path)).toBe(true);
  expect(heir.localAddr()).toBe(path);
});

test('names are what they were, byte for byte', () => {
  const before = process.cwd();
  process.chdir(folder);
  try {
    // The first is no mark of a byte order here, but a part of the name.
    for (const path of ['\uFEFFmarked', '\0\uFEFF\0', '\u{1F600}']) {
      expect(own(UnixListener.bind(path, { unlinkOnClose: true })).localAddr()).toBe(path);
    }
  } finally {
    process.chdir(before);
  }
});
