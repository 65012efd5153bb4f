import {
  type Backend,
  DatagramBatch,
  Interest,
  type Poll,
  type ReceivedDatagram,
  Token,
  type UdpSocket,
  WouldBlock,
} from '@evloop/core';
import { isAnnouncement } from '../service.ts';
import type { DatagramBackend } from './datagrams.ts';
import type { Handler } from './handler.ts';

const FRONT = Token(0);
const BACK = Token(1);
const BUFFER_SIZE = 4 << 20;

/**
 * Forwards datagrams between clients and the server that announces itself, with their ECN, and
 * answers from the address that was asked: one by one, or by batch with joined datagrams. What
 * finds no room is dropped, as datagrams are.
 */
export async function relay(
  backend: Backend & DatagramBackend,
  poll: Poll,
  inBatches: boolean,
): Promise<{ port: number; handle: Handler }> {
  const { udpPacketInfo, udpHeaderFields, udpCoalescing } = backend.supports;
  const buffers = { recvBufferSize: BUFFER_SIZE, sendBufferSize: BUFFER_SIZE };
  const options = { ...buffers, ...(udpHeaderFields && { recvTos: true }) };
  const asked = { ...options, ...(udpPacketInfo && { packetInfo: true }) };
  const front = await backend.UdpSocket.bind('0.0.0.0:0', { socket: asked });
  const back = await backend.UdpSocket.bind('127.0.0.1:0', { socket: options });
  poll.registry.register(front, FRONT, Interest.READABLE);
  poll.registry.register(back, BACK, Interest.READABLE);
  if (inBatches && udpCoalescing) for (const socket of [front, back]) socket.setCoalescing(true);
  const { forward, answer } = inBatches ? byBatch(front, back) : oneByOne(front, back);
  const handle: Handler = (events) => {
    for (const { token } of events) (token === FRONT ? forward : answer)();
  };
  return { port: front.localAddr().port, handle };
}

interface Ways {
  /** From clients to the server. */
  forward(): void;
  /** From the server to the last client. */
  answer(): void;
}

const buffer = new Uint8Array(65536);

function oneByOne(front: UdpSocket, back: UdpSocket): Ways {
  let client: ReceivedDatagram | undefined;
  const control: { tos: number | undefined; source: string | undefined } = {
    tos: undefined,
    source: undefined,
  };
  const pass = (from: UdpSocket, act: (datagram: ReceivedDatagram) => void): void => {
    for (;;) {
      const datagram = from.recvFrom(buffer);
      if (datagram === WouldBlock) return;
      control.tos = datagram.info?.tos;
      act(datagram);
    }
  };
  return {
    forward: () =>
      pass(front, (datagram) => {
        if (isAnnouncement(buffer, datagram.size)) {
          back.connect(datagram.address);
          front.replyTo(buffer, datagram, 0, datagram.size);
          return;
        }
        client = datagram;
        control.source = undefined;
        back.send(buffer, 0, datagram.size, control);
      }),
    answer: () =>
      pass(back, ({ size }) => {
        if (client === undefined) return;
        control.source = client.info?.destination;
        front.sendTo(buffer, client.address, 0, size, control);
      }),
  };
}

function byBatch(front: UdpSocket, back: UdpSocket): Ways {
  const batch = new DatagramBatch({ capacity: 16, slotSize: 65_535 });
  const client = new DatagramBatch({ capacity: 1, slotSize: 1 });
  const nothing = new Uint8Array(0);
  const flush = (socket: UdpSocket): void => {
    while (batch.sent < batch.length && socket.sendBatch(batch) !== WouldBlock) {}
  };
  return {
    forward: () => {
      while (front.recvBatch(batch) !== WouldBlock) {
        if (batch.size(0) === 4 && isAnnouncement(batch.view(0), 4)) {
          back.connect(batch.address(0));
          batch.reply();
          flush(front);
          continue;
        }
        client.clear();
        client.pushTo(nothing, batch, batch.length - 1);
        batch.passOn();
        flush(back);
      }
    },
    answer: () => {
      while (back.recvBatch(batch) !== WouldBlock) {
        if (client.length === 0) continue;
        batch.passOn(client, 0);
        flush(front);
      }
    },
  };
}
