import assert from 'node:assert/strict';
import { type StreamSocket, WouldBlock } from '@evloop/core';
import { drain } from '../bytes.ts';
import type { Context } from '../context.ts';
import { Random } from '../random.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Connect, Ends } from '../streams.ts';
import type { Suite } from '../suite.ts';

/** The same bytes arrive in the same order, whatever the sizes of writes and reads are. */
export function dataIntegrity(suite: Suite, connect: Connect): void {
  for (const seed of [1, 2, 3, 4]) {
    suite.test(
      `random bytes in random pieces arrive in order, driven by events (seed ${seed})`,
      async (context) => {
        const random = new Random(seed);
        const { client, server } = await connect(context);
        const data = random.bytes(400_000);
        const received = await transfer(context, client, server, data, random);
        assert.ok(Buffer.from(data).equals(received), 'the bytes differ');
      },
    );
  }

  suite.test(
    'both directions at once, with readv and writev, stay in order (seed 5)',
    async (context) => {
      const random = new Random(5);
      const { client, server } = await connect(context);
      context.register(client, T[0], RW);
      context.register(server, T[1], RW);
      const ends: [End, End] = [
        { stream: client, out: random.bytes(300_000), sent: 0, got: [] },
        { stream: server, out: random.bytes(200_000), sent: 0, got: [] },
      ];
      await context.until('both have everything', () => {
        for (const end of ends) {
          while (end.sent < end.out.length) {
            const middle = end.sent + random.below(9000);
            const parts = [
              end.out.subarray(end.sent, middle),
              end.out.subarray(middle, middle + 5000),
            ];
            const size = end.stream.writev(parts);
            if (size === WouldBlock) break;
            end.sent += size;
          }
          readVectors(end.stream, end.got, random);
        }
        return total(ends[0].got) === 200_000 && total(ends[1].got) === 300_000;
      });
      assert.ok(Buffer.concat(ends[0].got).equals(Buffer.from(ends[1].out)));
      assert.ok(Buffer.concat(ends[1].got).equals(Buffer.from(ends[0].out)));
    },
  );

  suite.test('16 MiB arrive whole although the reader begins late', async (context) => {
    const random = new Random(6);
    const { client, server } = await connect(context);
    const block = random.bytes(65536);
    context.register(client, T[0], W);
    let sent = 0;
    let got = 0;
    const size = 16 * 1024 * 1024;
    const send = (): void => {
      while (sent < size) {
        const from = sent % block.length;
        const taken = client.write(block, from, Math.min(block.length - from, size - sent));
        if (taken === WouldBlock) return;
        sent += taken;
      }
    };
    send();
    await context.wait(context.timing.quietMs);
    context.register(server, T[1], R);
    await context.until('16 MiB arrive', () => {
      send();
      const { data } = drain(server);
      for (let i = 0; i < data.length; ) {
        const from = (got + i) % block.length;
        const length = Math.min(block.length - from, data.length - i);
        const equal = Buffer.compare(
          data.subarray(i, i + length),
          block.subarray(from, from + length),
        );
        assert.equal(equal, 0, `the bytes differ near ${got + i}`);
        i += length;
      }
      got += data.length;
      return got === size;
    });
  });

  suite.test('many connections keep their bytes apart', async (context) => {
    const random = new Random(7);
    const connections: Ends[] = [];
    for (let i = 0; i < 30; i++) connections.push(await connect(context));
    const sent = connections.map(({ client }) => {
      const data = random.bytes(1 + random.below(8000));
      assert.equal(client.write(data), data.length);
      return data;
    });
    const got = connections.map(() => [] as Uint8Array[]);
    await context.until('everybody has everything', () => {
      for (const [i, { server }] of connections.entries()) got[i]?.push(drain(server, 1000).data);
      return got.every((parts, i) => total(parts) >= (sent[i]?.length as number));
    });
    for (const [i, parts] of got.entries()) {
      assert.ok(Buffer.concat(parts).equals(Buffer.from(sent[i] as Uint8Array)), `connection ${i}`);
    }
  });
}

interface End {
  readonly stream: StreamSocket<unknown>;
  readonly out: Uint8Array;
  sent: number;
  readonly got: Uint8Array[];
}

/**
 * Sends and receives as a program does: after an event, until `WouldBlock`, and nothing without an
 * event.
 */
async function transfer(
  context: Context,
  from: StreamSocket<unknown>,
  to: StreamSocket<unknown>,
  data: Uint8Array,
  random: Random,
): Promise<Buffer> {
  const got: Uint8Array[] = [];
  let sent = 0;
  let ended = false;
  context.register(from, T[0], W);
  context.register(to, T[1], R);
  const deadline = context.clock.now() + context.timing.patienceMs;
  while (!ended) {
    const remaining = deadline - context.clock.now();
    const seen = remaining > 0 ? await context.wait(remaining) : [];
    assert.ok(seen.length > 0, `no event came after ${sent} bytes sent and ${total(got)} received`);
    for (const event of seen) {
      if (event.token === T[0]) {
        while (sent < data.length) {
          const size = from.write(
            data,
            sent,
            Math.min(1 + random.below(20_000), data.length - sent),
          );
          if (size === WouldBlock) break;
          sent += size;
          if (sent === data.length) from.shutdown('write');
        }
      } else {
        ended = readVectors(to, got, random);
      }
    }
  }
  return Buffer.concat(got);
}

/** Reads in random pieces until `WouldBlock` (returns false) or the end (returns true). */
function readVectors(stream: StreamSocket<unknown>, got: Uint8Array[], random: Random): boolean {
  while (true) {
    const buffers = [1 + random.below(5000), random.below(3000)].map(
      (size) => new Uint8Array(size),
    );
    const one = buffers[0] as Uint8Array;
    const size = random.below(2) === 0 ? stream.readv(buffers) : stream.read(one);
    if (size === WouldBlock) return false;
    if (size === 0) return true;
    got.push(Buffer.concat(buffers).subarray(0, size));
  }
}

function total(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
