import { DatagramBatch, Interest, WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { UdpSocket } from '../../src/index.ts';
import { code, filled, own, watched } from '../support/fixture.ts';

for (const host of ['127.0.0.1', '[::1]']) {
  test(`${host}: a batch that was received is echoed by two system calls`, () => {
    const server = own(UdpSocket.bind(`${host}:0`));
    const clients = [0, 1, 2].map(() => own(UdpSocket.bind(`${host}:0`)));
    for (const [i, client] of clients.entries()) {
      client.sendTo(filled(10 + i, i), server.localAddr());
    }
    const { poll, events } = watched(Interest.READABLE, server);
    expect(poll.pollSync(events, 5000)).toBe(1);
    const batch = new DatagramBatch({ capacity: 8, slotSize: 11 });
    expect(server.recvBatch(batch)).toBe(3);
    expect([0, 1, 2].map((i) => batch.truncated(i))).toEqual([false, false, true]);
    expect([0, 1, 2].map((i) => batch.address(i))).toEqual(clients.map((c) => c.localAddr()));
    batch.reply();
    expect(server.sendBatch(batch)).toBe(3);
    expect(server.sendBatch(batch)).toBe(0);
    const buffer = filled(20);
    for (const [i, client] of clients.entries()) {
      expect(client.recv(buffer)).toBe(i < 2 ? 10 + i : 11);
      expect(buffer[0]).toBe(i);
    }
    expect(server.recvBatch(batch)).toBe(WouldBlock);
    expect(batch.length).toBe(0);
  });
}

test('a message of a batch that cannot be sent is given up, and the others are sent', () => {
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  const target = own(UdpSocket.bind('127.0.0.1:0'));
  const batch = new DatagramBatch({ capacity: 4, slotSize: 100 });
  batch.push(filled(1), target.localAddr());
  batch.push(filled(2), '[::1]:9');
  batch.push(filled(3));
  batch.push(filled(4), target.localAddr());
  expect(socket.sendBatch(batch)).toBe(1);
  expect(code(() => socket.sendBatch(batch))).toBe('EAFNOSUPPORT');
  expect(code(() => socket.sendBatch(batch))).toBe('EDESTADDRREQ');
  expect(socket.sendBatch(batch)).toBe(1);
  expect(batch.sent).toBe(4);
  expect([target.recv(filled(9)), target.recv(filled(9))]).toEqual([1, 4]);
});

test('200,000 datagrams by batches arrive all, once each, from whom they came', () => {
  const COUNT = 200_000;
  const target = own(UdpSocket.bind('127.0.0.1:0', { socket: { recvBufferSize: 1 << 20 } }));
  const senders = [0, 1, 2, 3].map(() => own(UdpSocket.bind('127.0.0.1:0')));
  const { poll, events } = watched(Interest.READABLE, target);
  const outgoing = new DatagramBatch({ capacity: 64, slotSize: 64 });
  const incoming = new DatagramBatch({ capacity: 64, slotSize: 64 });
  const message = filled(64);
  const words = new DataView(message.buffer);
  const seen = new Uint8Array(COUNT);
  const ports = senders.map((sender) => sender.localAddr().port);
  const to = target.localAddr();
  let received = 0;
  for (let next = 0; next < COUNT; ) {
    const which = (next >> 6) & 3;
    outgoing.clear();
    for (let i = 0; i < 64 && next < COUNT; i++, next++) {
      words.setUint32(0, next);
      outgoing.push(message, to);
    }
    while (outgoing.sent < outgoing.length) senders[which]?.sendBatch(outgoing);
    expect(poll.pollSync(events, 5000)).toBe(1);
    for (let n = target.recvBatch(incoming); n !== WouldBlock; n = target.recvBatch(incoming)) {
      for (let i = 0; i < n; i++) {
        const at = incoming.offset(i);
        const { data } = incoming;
        const id =
          ((data[at] ?? 0) << 24) |
          ((data[at + 1] ?? 0) << 16) |
          ((data[at + 2] ?? 0) << 8) |
          (data[at + 3] ?? 0);
        seen[id] = (seen[id] as number) + 1;
        if (i === 0 && incoming.address(i).port !== ports[which]) throw new Error('wrong sender');
        if (i > 0 && !incoming.sameAddress(i, incoming, 0)) throw new Error('wrong sender');
      }
      received += n;
    }
  }
  expect(received).toBe(COUNT);
  expect(seen.every((times) => times === 1)).toBe(true);
  expect(target.counters().kernelDrops).toBe(0);
});

test('a batch learns of a dead port as a single receive does: once, and keeps what it holds', () => {
  const gone = UdpSocket.bind('127.0.0.1:0');
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  socket.connect(gone.localAddr());
  gone.close();
  const batch = new DatagramBatch({ capacity: 4, slotSize: 16 });
  batch.push(filled(3));
  const { poll, events } = watched(Interest.READABLE, socket);
  expect(socket.send(filled(1))).toBe(1);
  expect(poll.pollSync(events, 5000)).toBe(1);
  expect(code(() => socket.recvBatch(batch))).toBe('ECONNREFUSED');
  expect([batch.outgoing, batch.length, batch.size(0)]).toEqual([true, 1, 3]);
  expect(socket.recvBatch(batch)).toBe(WouldBlock);
});

test('a batch that served an IPv4 socket has the whole address of an IPv6 one', () => {
  const batch = new DatagramBatch({ capacity: 4, slotSize: 16 });
  for (const host of ['127.0.0.1', '[::1]', '127.0.0.1', '[::1]']) {
    const receiver = own(UdpSocket.bind(`${host}:0`));
    const sender = own(UdpSocket.bind(`${host}:0`));
    for (let i = 0; i < 3; i++) sender.sendTo(filled(3), receiver.localAddr());
    expect(receiver.recvBatch(batch)).toBe(3);
    expect([0, 1, 2].map((i) => batch.address(i))).toEqual(Array(3).fill(sender.localAddr()));
  }
});
