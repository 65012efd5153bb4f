import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { DatagramBatch, Interest, WouldBlock } from '@evloop/core';
import { describe, expect, test } from 'vitest';
import { UdpSocket } from '../../src/index.ts';
import { atEnd, code, filled, own, watched } from '../support/fixture.ts';

for (const host of ['127.0.0.1', '[::1]']) {
  describe(host, () => {
    test('datagrams of every size are echoed exactly, the empty one too', async () => {
      const server = own(UdpSocket.bind(`${host}:0`));
      const { poll, events } = watched(Interest.READABLE, server);
      const client = dgram.createSocket(host === '[::1]' ? 'udp6' : 'udp4');
      atEnd(() => client.close());
      const { address, port } = server.localAddr();
      const buffer = filled(65536);
      for (const size of [0, 1, 1200, 65507]) {
        const sent = filled(size, size & 0xff);
        client.send(sent, port, address);
        const reply = once(client, 'message');
        await poll.poll(events, 5000);
        const received = server.recvFrom(buffer);
        if (received === WouldBlock) throw new Error('nothing came');
        expect(received).toMatchObject({ size, truncated: false });
        expect(server.sendTo(buffer, received.address, 0, size)).toBe(size);
        expect(Buffer.compare((await reply)[0], sent)).toBe(0);
        expect(server.recv(buffer)).toBe(WouldBlock);
      }
    });

    test('what is too long fails with EMSGSIZE, and the socket goes on', () => {
      const one = own(UdpSocket.bind(`${host}:0`));
      const two = own(UdpSocket.bind(`${host}:0`));
      expect(code(() => one.sendTo(filled(65536), two.localAddr()))).toBe('EMSGSIZE');
      expect(one.sendTo(filled(3), two.localAddr())).toBe(3);
      const { poll, events } = watched(Interest.READABLE, two);
      expect(poll.pollSync(events, 5000)).toBe(1);
      expect(two.recv(filled(2))).toBe(2);
      expect(two.truncated).toBe(true);
      expect(two.recv(filled(2))).toBe(WouldBlock);
    });

    test('a connected socket learns of a dead port, once, and goes on; disconnecting keeps its port', () => {
      const dead = UdpSocket.bind(`${host}:0`);
      const nobody = dead.localAddr();
      dead.close();
      const socket = own(UdpSocket.bind(`${host}:0`));
      const { port } = socket.localAddr();
      const { poll, events } = watched(Interest.READABLE, socket);
      socket.connect(nobody);
      expect(socket.peerAddr()).toEqual(nobody);
      expect(socket.send(filled(1))).toBe(1);
      expect(poll.pollSync(events, 5000)).toBe(1);
      expect(events.at(0)).toMatchObject({ error: true, writeClosed: true, readable: false });
      expect(code(() => socket.recv(filled(1)))).toBe('ECONNREFUSED');
      expect(socket.takeError()).toBeUndefined();
      expect(code(() => socket.sendTo(filled(1), nobody))).toBe('EISCONN');
      const other = own(UdpSocket.bind(`${host}:0`));
      socket.connect(other.localAddr());
      expect(socket.send(filled(1))).toBe(1);
      socket.disconnect();
      expect(socket.localAddr().port).toBe(port);
      expect(code(() => socket.send(filled(1)))).toBe('EDESTADDRREQ');
      expect(code(() => socket.peerAddr())).toBe('ENOTCONN');
      other.sendTo(filled(4), { ...other.localAddr(), port });
      expect(poll.pollSync(events, 5000)).toBe(1);
      expect(socket.recv(filled(10))).toBe(4);
    });
  });
}

test('random datagrams by random ways arrive with the bytes that were sent', () => {
  const one = own(UdpSocket.bind('127.0.0.1:0'));
  const two = own(UdpSocket.bind('127.0.0.1:0'));
  one.connect(two.localAddr());
  two.connect(one.localAddr());
  const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
  const buffer = filled(65536);
  for (let i = 0; i < 200; i++) {
    const data = filled((i * 7919) % 60_000, i & 0xff);
    expect(one.send(data)).toBe(data.length);
    expect(two.peek(buffer)).toBe(data.length);
    const size = two.recv(buffer);
    if (size === WouldBlock) throw new Error('nothing came');
    expect(hash(buffer.subarray(0, size))).toBe(hash(data));
  }
});

test('invalid arguments throw, and the socket still works', () => {
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  const to = socket.localAddr();
  const detached = filled(8);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  expect(() => UdpSocket.bind('localhost:0')).toThrow(TypeError);
  expect(() => socket.sendTo(filled(1), 'localhost:9')).toThrow(TypeError);
  expect(() => socket.sendTo(filled(1), '127.0.0.1:65536')).toThrow(RangeError);
  expect(() => socket.sendTo(detached, to)).toThrow(TypeError);
  expect(() => socket.recv(detached)).toThrow(TypeError);
  expect(() => socket.sendTo(filled(8), to, 4, 5)).toThrow(RangeError);
  expect(() => socket.sendTo('text' as never, to)).toThrow(TypeError);
  expect(() => socket.recvBatch({} as never)).toThrow(TypeError);
  expect(() => new DatagramBatch({ capacity: 1025, slotSize: 1 })).toThrow(RangeError);
  expect(code(() => socket.sendTo(filled(1), '127.0.0.1:0'))).toBe('EINVAL');
  expect(code(() => socket.sendTo(filled(1), '[::1]:9'))).toBe('EAFNOSUPPORT');
  expect(socket.sendTo(filled(1), to)).toBe(1);
  expect(socket.recv(filled(1))).toBe(1);
  socket.close();
  expect(code(() => socket.sendTo(filled(1), to))).toBe('EVLOOP_CLOSED');
});
