import {
  type Backend,
  DatagramBatch,
  Interest,
  type Poll,
  Token,
  type UdpBindOptions,
  type UdpSocket,
  type UdpSocketConstructor,
  WouldBlock,
} from '@evloop/core';
import { BURST, BURST_SIZE, burstBytes, isQuestion, type Service } from '../service.ts';
import type { Handler } from './handler.ts';

export interface DatagramBackend {
  readonly UdpSocket: UdpSocketConstructor;
}

/** Whether the backend has UDP sockets. */
export function hasDatagrams(backend: Backend): backend is Backend & DatagramBackend {
  return 'UdpSocket' in backend;
}

/** Everything that the kernel can tell of a datagram that arrives, and of one that fails. */
const INFORMED: UdpBindOptions = {
  socket: {
    packetInfo: true,
    recvTos: true,
    recvTtl: true,
    recvTimestamps: true,
    recvErrors: true,
  },
};

type Drain = (socket: UdpSocket, counter: Counter) => void;

const ONE_BY_ONE: Partial<Record<Service, Drain>> = {
  'udp-echo': echoEach,
  'udp-options': replyToEach,
  'udp-receive': countEach,
  'udp-send': sendEach,
};

const BY_BATCH: Partial<Record<Service, Drain>> = {
  'udp-echo': echoBatches,
  'udp-options': echoBatches,
  'udp-receive': countBatches,
  'udp-send': sendSegmented,
};

/**
 * Echoes, counts or sends datagrams, one by one or by batch, with all that the kernel can tell or
 * none of it. What finds no room is dropped, as datagrams are.
 */
export async function datagrams(
  backend: DatagramBackend,
  poll: Poll,
  service: Service,
  batch: boolean,
  informed: boolean,
): Promise<{ port: number; handle: Handler }> {
  const socket = await backend.UdpSocket.bind('127.0.0.1:0', informed ? INFORMED : {});
  poll.registry.register(socket, Token(0), Interest.READABLE);
  const counter = new Counter();
  const drain = (batch ? BY_BATCH : ONE_BY_ONE)[service];
  if (drain === undefined) throw new TypeError(`${service} is no service of datagrams`);
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

/** From the address that was asked, where it is known: like `echoEach` otherwise. */
function replyToEach(socket: UdpSocket): void {
  for (;;) {
    const received = socket.recvFrom(buffer);
    if (received === WouldBlock) return;
    socket.replyTo(buffer, received, 0, received.size);
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

const burst = burstBytes();
const outgoing = new DatagramBatch({ capacity: 1, slotSize: burst.length });

function sendEach(socket: UdpSocket): void {
  for (;;) {
    const received = socket.recvFrom(buffer);
    if (received === WouldBlock) return;
    for (let i = 0; i < BURST; i++) {
      socket.sendTo(burst, received.address, i * BURST_SIZE, BURST_SIZE);
    }
  }
}

function sendSegmented(socket: UdpSocket): void {
  while (socket.recvBatch(batch) !== WouldBlock) {
    for (let i = 0; i < batch.length; i++) {
      outgoing.clear();
      outgoing.pushTo(burst, batch, i, BURST_SIZE);
      socket.sendBatch(outgoing);
    }
  }
}
