import { setImmediate as turn } from 'node:timers/promises';
import { type Backend, DatagramBatch, type UdpSocket, WouldBlock } from '@evloop/core';
import * as net from '@evloop/net';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const epoll: Backend = await import('@evloop/epoll');

const seed = process.env['EVLOOP_SEED'];
const parameters = {
  numRuns: Math.ceil(Number(process.env['EVLOOP_RUNS'] ?? 1000) / 10),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
};

/** What is sent: how long it is, and the datagrams that it is cut into. */
const outgoing = fc
  .tuple(fc.oneof(fc.constantFrom(0, 1, 2), fc.integer({ max: 3000, min: 0 })), fc.nat(1600))
  // At most 64 segments are allowed, and a receive queue holds only so many.
  .map(([size, segment]) => ({ size, segment: segment * 16 < size ? 0 : segment }));

const exchange = fc.record({
  messages: fc.array(outgoing, { minLength: 1, maxLength: 12 }),
  sending: fc.record({ capacity: fc.integer({ min: 1, max: 16 }), slotSize: fc.constant(3000) }),
  receiving: fc.record({
    capacity: fc.integer({ min: 1, max: 8 }),
    slotSize: fc.constantFrom(1, 7, 1500, 3000),
  }),
  connected: fc.boolean(),
  coalescing: fc.boolean(),
});

/** Bytes that tell which message they are of. */
const content = (size: number, i: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, at) => (at * 31 + i * 17 + (at >> 8)) & 0xff);

function cut(data: Uint8Array, segment: number): Uint8Array[] {
  if (segment === 0 || data.length <= segment) return [data];
  return [data.subarray(0, segment), ...cut(data.subarray(segment), segment)];
}

async function sendAll(socket: UdpSocket, batch: DatagramBatch): Promise<void> {
  while (batch.sent < batch.length) if (socket.sendBatch(batch) === WouldBlock) await turn();
}

/** Receives `count` datagrams by batches, and does `then` with each batch. */
async function receiveAll(
  socket: UdpSocket,
  batch: DatagramBatch,
  count: number,
  then: () => Promise<void> = async () => {},
): Promise<Uint8Array[]> {
  const datagrams: Uint8Array[] = [];
  while (datagrams.length < count) {
    if (socket.recvBatch(batch) === WouldBlock) await turn();
    else if (batch.length === 0) throw new Error('a batch of nothing');
    for (let i = 0; i < batch.length; i++) {
      datagrams.push(...cut(batch.view(i).slice(), batch.segmentSize(i)));
    }
    await then();
  }
  return datagrams;
}

for (const host of ['127.0.0.1', '[::1]']) {
  describe.each([
    { one: epoll, other: epoll },
    { one: epoll, other: net },
    { one: net, other: epoll },
    { one: net, other: net },
  ])(`batches over ${host}, $one.name serves $other.name`, ({ one, other }) => {
    test('what is sent arrives as it must, and goes back', { timeout: 600_000 }, async () => {
      const server = await one.UdpSocket.bind(`${host}:0`);
      const client = await other.UdpSocket.bind(`${host}:0`);
      await fc.assert(
        fc.asyncProperty(exchange, async (each) => {
          const coalescing = each.coalescing && one.supports.udpCoalescing;
          server.setCoalescing(coalescing);
          if (each.connected) client.connect(server.localAddr());
          const to = each.connected ? undefined : server.localAddr();
          // Joined datagrams need a slot that holds them all.
          const slotSize = coalescing ? 65_535 : each.receiving.slotSize;
          const expected = each.messages.flatMap(({ size, segment }, i) =>
            cut(content(size, i), segment).map((datagram) => datagram.slice(0, slotSize)),
          );
          const out = new DatagramBatch(each.sending);
          for (const [i, { size, segment }] of each.messages.entries()) {
            if (out.push(content(size, i), to, segment)) continue;
            await sendAll(client, out);
            out.clear();
            out.push(content(size, i), to, segment);
          }
          await sendAll(client, out);
          const batch = new DatagramBatch({ ...each.receiving, slotSize });
          const seen = await receiveAll(server, batch, expected.length, async () => {
            for (let i = 0; i < batch.length; i++) {
              expect(batch.address(i)).toEqual(client.localAddr());
            }
            batch.reply();
            await sendAll(server, batch);
          });
          expect(seen).toEqual(expected);
          expect(server.recvBatch(batch)).toBe(WouldBlock);
          // The same memory, now on the other socket.
          const back = new DatagramBatch({ capacity: 3, slotSize: 3000 });
          expect(await receiveAll(client, back, expected.length)).toEqual(expected);
          expect([client.recvBatch(batch), batch.length]).toEqual([WouldBlock, 0]);
          if (each.connected) client.disconnect();
        }),
        parameters,
      );
      expect([server.takeError(), client.takeError()]).toEqual([undefined, undefined]);
      server.close();
      client.close();
    });
  });
}
