import {
  type Backend,
  DatagramBatch,
  Interest,
  type Poll,
  Token,
  type UdpSocket,
  type UdpSocketConstructor,
  WouldBlock,
} from '@evloop/core';
import { isQuestion } from '../service.ts';
import type { Handler } from './main.ts';

interface DatagramBackend {
  readonly UdpSocket: UdpSocketConstructor;
}

/** Whether the backend has UDP sockets. */
export function hasDatagrams(backend: Backend): backend is Backend & DatagramBackend {
  return 'UdpSocket' in backend;
}

/** Echoes or counts datagrams, one by one or by batch. What finds no room is dropped, as datagrams are. */
export async function datagrams(
  backend: DatagramBackend,
  poll: Poll,
  answers: boolean,
  batch: boolean,
): Promise<{ port: number; handle: Handler }> {
  const socket = await backend.UdpSocket.bind('127.0.0.1:0');
  poll.registry.register(socket, Token(0), Interest.READABLE);
  const counter = new Counter();
  const one = answers ? echoEach : countEach;
  const many = answers ? echoBatches : countBatches;
  const drain = batch ? many : one;
  return { port: socket.localAddr().port, handle: () => drain(socket, counter) };
}

class Counter {
  count = 0;
  bytes = 0;

  add(size: number): void {
    this.count++;
    this.bytes += size;
  }

  answer(): Uint8Array {
    return Buffer.from(`${this.count} ${this.bytes}`);
  }
}

const buffer = new Uint8Array(65536);
const batch = new DatagramBatch({ capacity: 64, slotSize: 2048 });

function echoEach(socket: UdpSocket): void {
  for (;;) {
    const received = socket.recvFrom(buffer);
    if (received === WouldBlock) return;
    socket.sendTo(buffer, received.address, 0, received.size);
  }
}

function countEach(socket: UdpSocket, counter: Counter): void {
  for (;;) {
    const received = socket.recvFrom(buffer);
    if (received === WouldBlock) return;
    if (isQuestion(buffer, received.size)) socket.sendTo(counter.answer(), received.address);
    else counter.add(received.size);
  }
}

function echoBatches(socket: UdpSocket): void {
  while (socket.recvBatch(batch) !== WouldBlock) {
    batch.reply();
    while (batch.sent < batch.length && socket.sendBatch(batch) !== WouldBlock) {}
  }
}

function countBatches(socket: UdpSocket, counter: Counter): void {
  while (socket.recvBatch(batch) !== WouldBlock) {
    for (let i = 0; i < batch.length; i++) {
      const size = batch.size(i);
      if (size === 4 && isQuestion(batch.view(i), 4)) {
        socket.sendTo(counter.answer(), batch.address(i));
      } else counter.add(size);
    }
  }
}
