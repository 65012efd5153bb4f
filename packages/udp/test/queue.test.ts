import dgram from 'node:dgram';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DatagramBatch, Events, Interest, Token, WouldBlock } from '@evloop/core';
import { Poll, UserSpaceSelector } from '@evloop/core/backend';
import { expect, test } from 'vitest';
import { UdpSocket } from '../src/index.ts';
import { ReceiveQueue } from '../src/receive-queue.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const sender: dgram.RemoteInfo = { address: '127.0.0.1', family: 'IPv4', port: 9, size: 0 };

test('the queue keeps order over any pattern of growth, and both bounds', () => {
  const queue = new ReceiveQueue(100, 1000);
  let pushed = 0;
  let shifted = 0;
  for (let round = 0; round < 50; round++) {
    for (let i = 0; i < (round * 7) % 41; i++) queue.push(Uint8Array.of(pushed++ & 0xff), sender);
    for (let i = 0; i < (round * 5) % 37 && queue.length > 0; i++) {
      expect(queue.data[0]).toBe(shifted++ & 0xff);
      queue.shift();
    }
    if (queue.drops > 0) break;
  }
  expect(queue.length).toBeLessThanOrEqual(100);
  queue.clear();
  queue.drops = 0;
  for (let i = 0; i < 150; i++) queue.push(new Uint8Array(1), sender);
  expect([queue.length, queue.drops]).toEqual([100, 50]);
  queue.clear();
  for (let i = 0; i < 4; i++) queue.push(new Uint8Array(400), sender);
  expect([queue.length, queue.drops]).toEqual([2, 52]);
  queue.clear();
  queue.push(new Uint8Array(5000), sender);
  expect(queue.length).toBe(1);
});

/** What the kernel has dropped of a socket's datagrams; 0 where it does not tell. */
function kernelDrops(port: number): number {
  if (process.platform !== 'linux') return 0;
  const name = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/self/net/udp', 'latin1').split('\n');
  const row = rows.map((line) => line.trim().split(/\s+/)).find((row) => row[1]?.endsWith(name));
  return Number(row?.at(-1));
}

test('a flood is bounded, in memory too, and what is received and dropped is what was sent', async () => {
  const bounds = { datagrams: 50, bytes: 1 << 20 };
  using socket = await UdpSocket.bind('127.0.0.1:0', { queue: bounds });
  const client = dgram.createSocket('udp4');
  const { port } = socket.localAddr();
  const dropped = (): number => socket.counters().queueDrops + kernelDrops(port);
  const held = (): number => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const before = held();
  const datagram = Buffer.alloc(1000);
  const sent = 30_000;
  for (let i = 1; i <= sent; i++) {
    const taken = new Promise((resolve) => client.send(datagram, port, '127.0.0.1', resolve));
    // The flood does not wait for the reader, but for the kernel to take it.
    if (i % 100 === 0) await taken;
  }
  while (bounds.datagrams + dropped() < sent) await turn();
  // 30 MB were sent. The queue holds 50 kB, and libuv a buffer for the next datagram.
  expect(held() - before).toBeLessThan(1 << 20);
  let received = 0;
  const buffer = new Uint8Array(2000);
  while (socket.recv(buffer) !== WouldBlock) received++;
  expect(received).toBe(bounds.datagrams);
  expect(received + dropped()).toBe(sent);
  expect(socket.counters().queueDrops).toBeGreaterThan(0);
  client.send('after the flood', port, '127.0.0.1');
  while (socket.recv(buffer) === WouldBlock) await turn();
  client.close();
});

test('200,000 datagrams through batches arrive all, none twice, each with its sender', async () => {
  using server = await UdpSocket.bind('127.0.0.1:0');
  using poll = new Poll(new UserSpaceSelector());
  const clients = await Promise.all(Array.from({ length: 4 }, () => UdpSocket.bind('127.0.0.1:0')));
  const ports = clients.map((client) => client.localAddr().port);
  poll.registry.register(server, Token(0), Interest.READABLE);
  const events = new Events(4);
  const out = new DatagramBatch({ capacity: 25, slotSize: 64 });
  const batch = new DatagramBatch({ capacity: 64, slotSize: 64 });
  const total = 200_000;
  const seen = new Set<number>();
  const wrong: unknown[] = [];
  let sent = 0;
  const receive = (): void => {
    while (server.recvBatch(batch) !== WouldBlock) {
      for (let i = 0; i < batch.length; i++) {
        const number = Buffer.from(batch.view(i)).readUInt32LE();
        const { port } = batch.address(i);
        if (seen.has(number) || port !== ports[number % 4]) wrong.push({ number, port });
        seen.add(number);
      }
    }
  };
  while (sent < total) {
    for (const [k, client] of clients.entries()) {
      out.clear();
      for (let i = 0; i < 25; i++) {
        const datagram = Buffer.alloc(64);
        datagram.writeUInt32LE(sent + i * 4 + k);
        out.push(datagram, server.localAddr());
      }
      if (client.sendBatch(out) !== 25) wrong.push({ notTaken: sent, k });
    }
    sent += 100;
    while (seen.size < sent) {
      await poll.poll(events, 1000);
      receive();
    }
  }
  expect(wrong).toEqual([]);
  expect([seen.size, server.counters().queueDrops]).toEqual([total, 0]);
  for (const client of clients) client.close();
});

test.each([[{ datagrams: 0 }], [{ bytes: 0.5 }], [{ datagrams: -1 }]])(
  'limits like %o throw',
  async (queue) => {
    await expect(UdpSocket.bind('127.0.0.1:0', { queue })).rejects.toThrow(RangeError);
  },
);
