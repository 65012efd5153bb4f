import { WouldBlock } from '@evloop/core';
import { noNativeObject, onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';
import { pipe, type TcpStream, UdpSocket, UnixStream } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { code, filled, own, tcpPair } from '../support/fixture.ts';

/** Memory that nothing touches costs nothing. */
function huge(): Uint8Array | undefined {
  try {
    return new Uint8Array(2 ** 32);
  } catch {
    return undefined;
  }
}
const memory = huge();

test(
  'a transfer of 2³¹ bytes or more is taken in part',
  onlyIf(memory !== undefined, noNativeObject ?? '4 GiB of address space are not available'),
  () => {
    const buffer = memory as Uint8Array;
    const tcp = tcpPair();
    const [near, far] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
    const [sender, receiver] = pipe();
    own(sender);
    own(receiver);
    for (const length of [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32]) {
      for (const [from, to] of [
        [tcp.client, tcp.server],
        [near, far],
        [sender, receiver],
      ] as const) {
        const taken = from.write(buffer, 0, length);
        expect(taken).toBeGreaterThan(0);
        if ('peek' in to) expect(to.peek(buffer, 0, length)).toBeGreaterThan(0);
        let read = 0;
        while (read < Number(taken)) {
          const size = to.read(buffer, 0, length);
          if (size !== WouldBlock) read += size;
        }
        expect(read).toBe(taken);
      }
      const taken = near.writev([buffer.subarray(0, length), buffer]);
      expect(taken).toBeGreaterThan(0);
      for (let read = 0; read < Number(taken); ) read += far.readv([buffer, buffer]) as number;
      const socket = own(UdpSocket.bind('127.0.0.1:0'));
      expect(code(() => socket.sendTo(buffer, socket.localAddr(), 0, length))).toBe('EMSGSIZE');
      socket.sendTo(filled(3), socket.localAddr());
      expect(socket.recv(buffer, 0, length)).toBe(3);
      near.writeWithFds(filled(1), [near.fd]);
      const { size, fds } = far.readWithFds(buffer.subarray(0, length)) as never as {
        size: number;
        fds: number[];
      };
      for (const fd of fds) native.close(fd);
      expect([size, fds.length]).toEqual([1, 1]);
    }
    // At an offset of 2³² nothing is left.
    expect(() => near.read(buffer, 2 ** 32)).toThrow('the buffer to read into is empty');
    expect(() => near.write(buffer, 2 ** 32, 1)).toThrow('invalid length: 1 (expected');
  },
);

/** A buffer that closes `stream` when the default length of a call asks for its own. */
function closing(stream: Disposable): Uint8Array {
  return new (class extends Uint8Array {
    override get byteLength(): number {
      stream[Symbol.dispose]();
      return 4;
    }
  })(4);
}

test('a stream that a getter of its arguments closes has no descriptor that could be used', () => {
  const calls: ((stream: UnixStream | TcpStream, buffer: Uint8Array) => unknown)[] = [
    (stream, buffer) => stream.read(buffer),
    (stream, buffer) => stream.read(buffer, 0),
    (stream, buffer) => stream.peek(buffer),
    (stream, buffer) => stream.write(buffer),
  ];
  for (const call of calls) {
    const [near, far] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
    far.write(filled(4));
    const { fd } = near;
    const before = native.fcntl(fd, native.constants.F_GETFD, 0);
    expect(before).toBeGreaterThanOrEqual(0);
    expect(['EVLOOP_CLOSED', undefined]).toContain(code(() => call(near, closing(near))));
    expect(() => call(near, closing(near))).toThrow();
    expect(code(() => near.fd)).toBe('EVLOOP_CLOSED');
  }
  const [near] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
  const list = Object.defineProperty([filled(1)], 1, {
    enumerable: true,
    get() {
      near.close();
      return filled(1);
    },
  });
  expect(code(() => near.writev(list))).toBe('EVLOOP_CLOSED');
});
