import { type ReceivedDatagram, type UdpSocket, WouldBlock } from '@evloop/core';
import { expect, it } from 'vitest';
import { DatagramEcho } from '../src/datagram-echo.ts';

const address = { address: '127.0.0.1', port: 9, family: 'IPv4' } as const;
const datagram: ReceivedDatagram = { size: 3, address, truncated: false };
const refused: Error = Object.assign(new Error('send ECONNREFUSED'), {
  code: 'ECONNREFUSED',
  errno: -111,
  syscall: 'send',
});

/** A socket with these datagrams, whose sends come out like this. */
function socketOf(
  arrived: (ReceivedDatagram | Error)[],
  sends: (number | WouldBlock | Error)[],
): UdpSocket {
  const next = <T>(list: (T | Error)[], otherwise: T): T => {
    const found = list.shift() ?? otherwise;
    if (found instanceof Error) throw found;
    return found;
  };
  return {
    recvFrom: () => next<ReceivedDatagram | WouldBlock>(arrived, WouldBlock),
    sendTo: () => next<number | WouldBlock>(sends, 3),
    counters: () => ({ queueDrops: 2, kernelDrops: 5, segmentedHere: 0 }),
  } as unknown as UdpSocket;
}

it('drops what would block and goes on after errors, and counts both', () => {
  const arrived = [datagram, datagram, refused, datagram, datagram];
  const echo = new DatagramEcho(socketOf(arrived, [3, WouldBlock, refused, 3]));
  echo.onEvent();
  expect(echo.work()).toBe('wait');
  expect(arrived).toEqual([]);
  expect(echo.summary()).toBe(
    '2 datagrams echoed; 1 not sent for want of room, 2 refused; 7 lost before they were received',
  );
});

it('lets the loop look at its signals under a flood', () => {
  const arrived = Array<ReceivedDatagram>(1000).fill(datagram);
  const echo = new DatagramEcho(socketOf(arrived, []));
  echo.onEvent();
  let turns = 1;
  while (echo.work() === 'again') turns++;
  expect(turns).toBe(4);
  expect(echo.summary()).toMatch(/^1000 datagrams echoed/);
});

it('does not take a mistake for what the network does', () => {
  const echo = new DatagramEcho(socketOf([new TypeError('a mistake')], []));
  echo.onEvent();
  expect(() => echo.work()).toThrow('a mistake');
});
