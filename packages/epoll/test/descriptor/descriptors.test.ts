// Descriptors go out of every source and come into every source.
import { Interest, Token } from '@evloop/core';
import { expect, test } from 'vitest';
import {
  PipeReceiver,
  PipeSender,
  pipe,
  TcpListener,
  TcpStream,
  UdpSocket,
  UnixDatagram,
  UnixListener,
  UnixStream,
} from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { atEnd, code, own, tcpPair, tokens, watched } from '../support/fixture.ts';

const { F_GETFL, F_SETFL, F_GETFD, F_SETFD, FD_CLOEXEC, O_NONBLOCK } = native.constants;
const { AF_INET, AF_UNIX, SOCK_STREAM } = native.constants;
const { READABLE } = Interest;

interface Kind {
  readonly name: string;
  readonly source: { fromFd(fd: number): TcpStream | UdpSocket | PipeSender };
  make(): TcpStream | UdpSocket | PipeSender;
}

let serial = 0;
const abstract = (): string => `\0evloop-${process.pid}-descriptors-${serial++}`;
const half = <T>(pair: readonly [T, Disposable]): T => {
  own(pair[1]);
  return pair[0];
};
const swapped = <A, B>([a, b]: readonly [A, B]): [B, A] => [b, a];

const kinds = [
  { name: 'TCP listener', source: TcpListener, make: () => TcpListener.bind('127.0.0.1:0') },
  { name: 'TCP stream', source: TcpStream, make: () => tcpPair().client },
  { name: 'UDP socket', source: UdpSocket, make: () => UdpSocket.bind('127.0.0.1:0') },
  { name: 'Unix listener', source: UnixListener, make: () => UnixListener.bind(abstract()) },
  { name: 'Unix stream', source: UnixStream, make: () => half(UnixStream.pair()) },
  { name: 'Unix datagram socket', source: UnixDatagram, make: () => half(UnixDatagram.pair()) },
  { name: 'pipe, sending', source: PipeSender, make: () => half(pipe()) },
  { name: 'pipe, receiving', source: PipeReceiver, make: () => half(swapped(pipe())) },
] as unknown as Kind[];

for (const { name, source, make } of kinds) {
  test(`${name}: goes out as a descriptor, which is the caller's, and comes in again`, () => {
    const first = make();
    const { poll, events } = watched(READABLE, first);
    const { fd } = first;
    expect(first.intoFd()).toBe(fd);
    // The source is closed, and has left its poll; the descriptor lives.
    expect(poll.registry.size).toBe(0);
    expect(code(() => first.fd)).toBe('EVLOOP_CLOSED');
    expect(code(() => first.intoFd())).toBe('EVLOOP_CLOSED');
    expect(code(() => poll.registry.register(first, Token(0), READABLE))).toBe('EVLOOP_CLOSED');
    first.close();
    expect(native.fcntl(fd, F_GETFL, 0) & O_NONBLOCK).not.toBe(0);

    // As one that was inherited: it blocks, and children get it.
    native.fcntl(fd, F_SETFL, native.fcntl(fd, F_GETFL, 0) & ~O_NONBLOCK);
    native.fcntl(fd, F_SETFD, 0);
    const second = own(source.fromFd(fd));
    expect(second.fd).toBe(fd);
    expect(native.fcntl(fd, F_GETFL, 0) & O_NONBLOCK).not.toBe(0);
    expect(native.fcntl(fd, F_GETFD, 0)).toBe(FD_CLOEXEC);
    poll.registry.register(second, Token(1), READABLE);
    tokens(poll, events);
    second.close();
    expect(native.fcntl(fd, F_GETFD, 0)).toBe(-native.constants.EBADF);
    expect(code(() => source.fromFd(fd))).toBe('EBADF');
  });

  test(`${name}: is taken in by its own kind alone, and left as it was by the others`, () => {
    const { fd } = own(make());
    native.fcntl(fd, F_SETFL, native.fcntl(fd, F_GETFL, 0) & ~O_NONBLOCK);
    native.fcntl(fd, F_SETFD, 0);
    const flags = native.fcntl(fd, F_GETFL, 0);
    for (const other of kinds) {
      if (other.source === source) continue;
      // A socket may be read and written like a pipe.
      if (other.name.startsWith('pipe') && !name.startsWith('pipe')) continue;
      expect(() => other.source.fromFd(fd), other.name).toThrow(TypeError);
    }
    expect(native.fcntl(fd, F_GETFL, 0)).toBe(flags);
    expect(native.fcntl(fd, F_GETFD, 0)).toBe(0);
  });

  test(`${name}: is made of nothing that is no descriptor`, () => {
    for (const wrong of [-1, 1.5, Number.NaN, 2 ** 31, '3' as never, undefined as never]) {
      expect(() => source.fromFd(wrong), String(wrong)).toThrow(/invalid descriptor/);
    }
    expect(code(() => source.fromFd(999_999))).toBe('EBADF');
  });
}

for (const [family, source] of [
  [AF_INET, TcpStream],
  [AF_UNIX, UnixStream],
] as const) {
  test(`${source.name}: a socket that is not connected is a TypeError, and stays as it was`, () => {
    const fd = native.socket(family, SOCK_STREAM, 0);
    atEnd(() => native.close(fd));
    expect(() => source.fromFd(fd)).toThrow(/not connected/);
    expect(native.fcntl(fd, F_GETFD, 0)).toBe(FD_CLOEXEC);
  });
}
