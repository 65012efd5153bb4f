import { DatagramBatch, WouldBlock } from '@evloop/core';
import { noNativeObject, onlyIf } from '@evloop/testing';
import { describe, expect, test } from 'vitest';
import { supports, UdpSocket } from '../../src/index.ts';
import { code, filled, own } from '../support/fixture.ts';

const SOL_SOCKET = 1;
/** Sends without a checksum, which the kernel refuses to combine with segmentation. */
const SO_NO_CHECK = 11;

function pair(): [socket: UdpSocket, target: UdpSocket] {
  return [own(UdpSocket.bind('127.0.0.1:0')), own(UdpSocket.bind('127.0.0.1:0'))];
}

function withoutChecksum(socket: UdpSocket): UdpSocket {
  socket.setOption(SOL_SOCKET, SO_NO_CHECK, new Uint8Array(Int32Array.of(1).buffer));
  return socket;
}

function sizes(target: UdpSocket): number[] {
  const buffer = new Uint8Array(65_536);
  const all: number[] = [];
  for (let size = target.recv(buffer); size !== WouldBlock; size = target.recv(buffer)) {
    all.push(size);
  }
  return all;
}

describe(
  'where the kernel does not cut',
  onlyIf(supports.udpSegmentation, noNativeObject ?? 'this kernel has no UDP_SEGMENT'),
  () => {
    test('messages of every size arrive, and the counter tells those that were cut', () => {
      const [socket, target] = pair();
      withoutChecksum(socket);
      const batch = new DatagramBatch({ capacity: 8, slotSize: 2048 });
      for (const [size, segment] of [
        [0, 100],
        [50, 100],
        [100, 100],
        [101, 100],
        [300, 100],
        [0, 0],
      ] as const) {
        batch.push(new Uint8Array(size), target.localAddr(), segment);
      }
      while (batch.sent < batch.length) socket.sendBatch(batch);
      expect(sizes(target)).toEqual([0, 50, 100, 100, 1, 100, 100, 100, 0]);
      expect(socket.counters().segmentedHere).toBe(2);
    });

    test('a message whose segments are too long themselves is given up', () => {
      const [socket, target] = pair();
      const batch = new DatagramBatch({ capacity: 4, slotSize: 65_535 });
      batch.push(new Uint8Array(70_000), target.localAddr(), 65_508);
      batch.push(new Uint8Array(3), target.localAddr());
      expect(code(() => socket.sendBatch(batch))).toBe('EMSGSIZE');
      expect(socket.sendBatch(batch)).toBe(1);
      expect(sizes(target)).toEqual([3]);
      expect(socket.counters().segmentedHere).toBe(0);
    });
  },
);

test('a refusal is thrown by a batch with segments too, and nothing of its message was sent', () => {
  const [socket, dead] = pair();
  const address = dead.localAddr();
  dead.close();
  socket.connect(address);
  socket.send(Uint8Array.of(1));
  const target = own(UdpSocket.bind(address));
  const batch = new DatagramBatch({ capacity: 2, slotSize: 1000 });
  batch.push(new Uint8Array(300), undefined, 100);
  batch.push(new Uint8Array(250), undefined, 100);
  expect(code(() => socket.sendBatch(batch))).toBe('ECONNREFUSED');
  expect(batch.sent).toBe(1);
  expect(socket.sendBatch(batch)).toBe(1);
  expect(sizes(target)).toEqual([100, 100, 50]);
  expect(socket.counters().segmentedHere).toBe(0);
});

test(
  'segmented messages arrive as datagrams, cut by the kernel or here',
  onlyIf(supports.udpSegmentation, noNativeObject ?? 'this kernel has no UDP_SEGMENT'),
  () => {
    const socket = own(UdpSocket.bind('127.0.0.1:0'));
    const target = own(UdpSocket.bind('127.0.0.1:0', { socket: { recvBufferSize: 1 << 20 } }));
    const batch = new DatagramBatch({ capacity: 4, slotSize: 65535 });
    batch.push(filled(3500), target.localAddr(), 1000);
    // More than one datagram may hold at all: the kernel refuses it.
    batch.push(filled(70_000), target.localAddr(), 1200);
    while (batch.sent < batch.length) socket.sendBatch(batch);
    expect(socket.counters().segmentedHere).toBe(1);
    const sizes: number[] = [];
    const buffer = filled(2000);
    for (let size = target.recv(buffer); size !== WouldBlock; size = target.recv(buffer)) {
      sizes.push(size);
    }
    expect(sizes).toEqual([1000, 1000, 1000, 500, ...Array(58).fill(1200), 400]);
  },
);

test(
  'with coalescing one message holds many datagrams, and says where they end',
  onlyIf(supports.udpCoalescing, noNativeObject ?? 'this kernel has no UDP_GRO'),
  () => {
    const socket = own(UdpSocket.bind('127.0.0.1:0'));
    const target = own(UdpSocket.bind('127.0.0.1:0'));
    target.setCoalescing(true);
    expect(target.coalescing()).toBe(true);
    expect(code(() => target.recv(filled(9)))).toBe('EVLOOP_UNSUPPORTED');
    const batch = new DatagramBatch({ capacity: 4, slotSize: 65535 });
    batch.push(filled(5500), target.localAddr(), 1000);
    expect(socket.sendBatch(batch)).toBe(1);
    expect(target.recvBatch(batch)).toBe(1);
    expect(batch.size(0)).toBe(5500);
    expect(batch.segmentSize(0)).toBe(1000);
  },
);
