import { type SocketAddress, WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { UdpSocket } from '../../src/index.ts';
import { code, filled, own } from '../support/fixture.ts';

const bind = (): UdpSocket => own(UdpSocket.bind('127.0.0.1:0'));

/** An empty array with a `byteLength` of its own, which the default length of a call asks for. */
function emptyThat(does: () => void): Uint8Array {
  return Object.defineProperty(new Uint8Array(0), 'byteLength', {
    get: () => {
      does();
      return 0;
    },
  });
}

function senderOf(socket: UdpSocket): SocketAddress {
  const received = socket.recvFrom(filled(9));
  if (received === WouldBlock) throw new Error('nothing has come');
  return received.address;
}

test('an answer goes to its sender, whatever getters receive meanwhile', () => {
  const [server, other, asker, stranger] = [bind(), bind(), bind(), bind()];
  asker.sendTo(filled(3), server.localAddr());
  const to = senderOf(server);
  for (const meanwhile of [
    () => other.peekFrom(filled(9)),
    () => other.recvFrom(filled(9)),
    () => other.sendTo(filled(1), `127.0.0.1:${stranger.localAddr().port}`),
  ]) {
    stranger.sendTo(filled(2), other.localAddr());
    expect(server.sendTo(emptyThat(meanwhile), to)).toBe(0);
    expect(asker.recvFrom(filled(9))).toMatchObject({ size: 0, address: server.localAddr() });
  }
  expect(stranger.recv(filled(9))).toBe(1);
  expect(stranger.recv(filled(9))).toBe(WouldBlock);
});

test('a getter that closes the socket makes the call fail, and not act on the next socket', () => {
  const peer = bind();
  const to = peer.localAddr();
  const calls: ((socket: UdpSocket, replace: () => void) => unknown)[] = [
    (socket, replace) => {
      const address = {
        get address() {
          replace();
          return to.address;
        },
        port: to.port,
      };
      return socket.sendTo(filled(2), address);
    },
    (socket, replace) => socket.sendTo(emptyThat(replace), to),
    (socket, replace) => socket.send(emptyThat(replace)),
    (socket, replace) => socket.recv(emptyThat(replace)),
  ];
  for (const call of calls) {
    const socket = bind();
    const { fd } = socket;
    let next: UdpSocket | undefined;
    const replace = () => {
      socket.close();
      next ??= bind();
      expect(next.fd).toBe(fd);
      next.connect(to);
      peer.sendTo(filled(1), next.localAddr());
    };
    expect(code(() => call(socket, replace))).toBe('EVLOOP_CLOSED');
    expect(peer.recv(filled(9))).toBe(WouldBlock);
    expect(next?.recv(filled(9))).toBe(1);
    next?.close();
  }
});

test('a negative offset or length is a RangeError, however long the array is', ({ skip }) => {
  let huge: Uint8Array;
  try {
    huge = new Uint8Array(2 ** 31 + 16);
  } catch (error) {
    return skip(`no 2 GiB to be had here: ${error}`);
  }
  const [one, two] = [bind(), bind()];
  const to = two.localAddr();
  const least = -(2 ** 31);
  expect(() => one.sendTo(huge, to, least, 4)).toThrow(RangeError);
  expect(() => one.sendTo(huge, to, 0, least)).toThrow(RangeError);
  one.sendTo(filled(3), to);
  expect(() => two.recvFrom(huge, least, 8)).toThrow(RangeError);
  expect(() => two.recvFrom(huge, 0, least)).toThrow(RangeError);
  expect(two.recvFrom(huge, 2 ** 31, 8)).toMatchObject({ size: 3 });
  expect([...huge.subarray(2 ** 31, 2 ** 31 + 4)]).toEqual([7, 7, 7, 0]);
});

test('an argument that is not a number is rejected without calling its valueOf', () => {
  const socket = bind();
  const wrong = {
    valueOf: () => {
      throw new Error('it was asked');
    },
  } as unknown as number;
  expect(() => socket.recv(filled(9), wrong, 1)).toThrow(RangeError);
  expect(() => socket.recv(filled(9), 0, wrong)).toThrow(RangeError);
  expect(() => socket.sendTo(filled(9), socket.localAddr(), 0, 1n as unknown as number)).toThrow(
    RangeError,
  );
});
