import { setImmediate as turn } from 'node:timers/promises';
import { type Backend, DatagramBatch, type UdpSocket, WouldBlock } from '@evloop/core';
import * as net from '@evloop/net';
import { describe, expect, test } from 'vitest';

const epoll: Backend = await import('@evloop/epoll');

/** A batch with what `from` sends to a socket of its family. */
async function received(
  backend: Backend,
  from: UdpSocket,
  batch = new DatagramBatch({ capacity: 2, slotSize: 8 }),
): Promise<DatagramBatch> {
  const { family } = from.localAddr();
  const socket = await backend.UdpSocket.bind(family === 'IPv6' ? '[::1]:0' : '127.0.0.1:0');
  from.sendTo(Uint8Array.of(1), socket.localAddr());
  while (socket.recvBatch(batch) === WouldBlock) await turn();
  socket.close();
  return batch;
}

describe.each([epoll, net])('batches of $name', (backend) => {
  test('a sender is the same, whatever the memory of the batch held before', async () => {
    const six = await backend.UdpSocket.bind('[::1]:0');
    const four = await backend.UdpSocket.bind('127.0.0.1:0');
    const used = await received(backend, six);
    const sixAgain = await received(backend, six);
    expect(used.sameAddress(0, sixAgain, 0)).toBe(true);
    await received(backend, four, used);
    const fourAgain = await received(backend, four);
    expect(used.address(0)).toEqual(four.localAddr());
    expect(used.sameAddress(0, fourAgain, 0)).toBe(true);
    expect(fourAgain.sameAddress(0, used, 0)).toBe(true);
    expect(used.sameAddress(0, sixAgain, 0)).toBe(false);
    six.close();
    four.close();
  });
});
