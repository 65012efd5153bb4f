import assert from 'node:assert/strict';
import { DatagramBatch, WouldBlock } from '@evloop/core';
import { bytes } from '../bytes.ts';
import {
  arrived,
  arrivedBatch,
  bindUdp,
  connectedPair,
  pattern,
  sendAll,
  udpPair,
} from '../datagrams.ts';
import { expectCode } from '../expect-error.ts';
import { expectEvent } from '../expect-events.ts';
import { R, T } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

/** Many datagrams in one call. */
export function datagramBatch(suite: Suite): void {
  suite.test('a batch has datagrams with their sizes and senders', async (context) => {
    const { server, client } = await udpPair(context);
    const sizes = [0, 1, 1200, 7, 0, 2048];
    const out = new DatagramBatch({ capacity: 8, slotSize: 2048 });
    for (const [i, size] of sizes.entries())
      assert.ok(out.push(pattern(size, i), server.localAddr()));
    await sendAll(context, client, out);
    const batch = new DatagramBatch({ capacity: 4, slotSize: 2048 });
    let next = 0;
    while (next < sizes.length) {
      await arrivedBatch(context, server, batch);
      for (let i = 0; i < batch.length; i++, next++) {
        assert.equal(batch.size(i), sizes[next]);
        assert.deepEqual(batch.view(i), pattern(sizes[next] as number, next));
        assert.deepEqual(batch.address(i), client.localAddr());
        assert.equal(batch.truncated(i), false);
        assert.equal(batch.segmentSize(i), 0);
      }
    }
    assert.equal(server.recvBatch(batch), WouldBlock);
    assert.equal(batch.length, 0);
  });

  suite.test('a received batch can be sent back as it is', async (context) => {
    const { server, client } = await udpPair(context);
    const other = await bindUdp(context, context.client, '127.0.0.1:0');
    const batch = new DatagramBatch({ capacity: 16, slotSize: 1500 });
    for (const [socket, text] of [
      [client, 'a'],
      [other, 'bb'],
      [client, 'ccc'],
    ] as const) {
      socket.sendTo(bytes(text), server.localAddr());
    }
    let count = 0;
    while (count < 3) {
      await arrivedBatch(context, server, batch);
      count += batch.length;
      assert.throws(() => server.sendBatch(batch), TypeError);
      batch.reply();
      await sendAll(context, server, batch);
    }
    assert.deepEqual((await arrived(context, client)).data, bytes('a'));
    assert.deepEqual((await arrived(context, client)).data, bytes('ccc'));
    assert.deepEqual((await arrived(context, other)).data, bytes('bb'));
  });

  suite.test(
    'a reply of another length goes to the sender without decoding its address',
    async (context) => {
      const { server, client } = await udpPair(context, '[::1]:0');
      client.sendTo(bytes('?'), server.localAddr());
      const batch = new DatagramBatch({ capacity: 4, slotSize: 100 });
      await arrivedBatch(context, server, batch);
      const out = new DatagramBatch({ capacity: 4, slotSize: 100 });
      assert.ok(out.pushTo(bytes('an answer'), batch, 0));
      assert.ok(out.sameAddress(0, batch, 0));
      await sendAll(context, server, out);
      assert.deepEqual((await arrived(context, client)).data, bytes('an answer'));
    },
  );

  suite.test(
    'a small slot gets the beginning of a datagram, and truncated is true',
    async (context) => {
      const { server, client } = await udpPair(context);
      client.sendTo(bytes('too long'), server.localAddr());
      const batch = new DatagramBatch({ capacity: 2, slotSize: 3 });
      await arrivedBatch(context, server, batch);
      assert.deepEqual([batch.size(0), batch.truncated(0)], [3, true]);
      assert.deepEqual(batch.view(0), bytes('too'));
    },
  );

  suite.test('connected sockets send batches to their peer', async (context) => {
    const { server, client } = await connectedPair(context);
    const out = new DatagramBatch({ capacity: 2, slotSize: 10 });
    out.push(bytes('one'));
    out.push(bytes('two'));
    await sendAll(context, client, out);
    assert.deepEqual((await arrived(context, server)).data, bytes('one'));
    assert.deepEqual((await arrived(context, server)).data, bytes('two'));
  });

  suite.test('a message that fails is given up, and the others are sent', async (context) => {
    const { server, client } = await udpPair(context);
    const out = new DatagramBatch({ capacity: 6, slotSize: 65535 });
    out.push(bytes('first'), server.localAddr());
    out.push(new Uint8Array(65508), server.localAddr());
    out.push(bytes('x'));
    out.push(bytes('x'), '[::1]:9');
    out.push(bytes('last'), server.localAddr());
    const codes: unknown[] = [];
    const all = (): boolean => {
      while (out.sent < out.length) {
        try {
          if (client.sendBatch(out) === WouldBlock) return false;
        } catch (error) {
          codes.push((error as { code?: unknown }).code);
        }
      }
      return true;
    };
    await context.until('all are tried', all);
    assert.deepEqual(codes, ['EMSGSIZE', 'EDESTADDRREQ', 'EAFNOSUPPORT']);
    assert.deepEqual((await arrived(context, server)).data, bytes('first'));
    assert.deepEqual((await arrived(context, server)).data, bytes('last'));
  });

  suite.test('a message with a segment size arrives as datagrams of that size', async (context) => {
    const { server, client } = await udpPair(context);
    const data = pattern(1200 * 5 + 100);
    const out = new DatagramBatch({ capacity: 2, slotSize: 65535 });
    assert.ok(out.push(data, server.localAddr(), 1200));
    assert.ok(out.push(bytes('short'), server.localAddr(), 1200));
    await sendAll(context, client, out);
    for (let at = 0; at < data.length; at += 1200) {
      assert.deepEqual((await arrived(context, server)).data, data.slice(at, at + 1200));
    }
    assert.deepEqual((await arrived(context, server)).data, bytes('short'));
    const cut = client.counters().segmentedHere;
    assert.ok(context.client.supports.udpSegmentation || cut === 1, `${cut} were cut here`);
  });

  suite.testIf(
    suite.server.supports.udpCoalescing,
    'udpCoalescing',
    'joined datagrams can be told apart',
    async (context) => {
      const { server, client } = await udpPair(context);
      server.setCoalescing(true);
      assert.equal(server.coalescing(), true);
      expectCode(() => server.recv(new Uint8Array(10)), 'EVLOOP_UNSUPPORTED');
      const data = pattern(1000 * 8);
      const out = new DatagramBatch({ capacity: 1, slotSize: 65535 });
      out.push(data, server.localAddr(), 1000);
      await sendAll(context, client, out);
      const batch = new DatagramBatch({ capacity: 16, slotSize: 65535 });
      let done = 0;
      while (done < data.length) {
        await arrivedBatch(context, server, batch);
        for (let i = 0; i < batch.length; i++) {
          assert.ok(batch.size(i) === 1000 || batch.segmentSize(i) === 1000);
          assert.deepEqual(batch.view(i), data.slice(done, done + batch.size(i)));
          done += batch.size(i);
        }
      }
    },
  );

  if (!suite.server.supports.udpCoalescing) {
    suite.test(
      'without supports.udpCoalescing, setCoalescing throws EVLOOP_UNSUPPORTED',
      async (context) => {
        const socket = await bindUdp(context);
        expectCode(() => socket.setCoalescing(true), 'EVLOOP_UNSUPPORTED');
        socket.setCoalescing(false);
        assert.equal(socket.coalescing(), false);
      },
    );
  }

  suite.test('recvBatch that returns WouldBlock re-arms receiving', async (context) => {
    const { server, client } = await udpPair(context);
    const batch = new DatagramBatch({ capacity: 4, slotSize: 64 });
    context.register(server, T[0], R);
    for (let i = 0; i < 5; i++) {
      client.sendTo(bytes('x'), server.localAddr());
      await expectEvent(context, T[0], 'readable');
      while (server.recvBatch(batch) !== WouldBlock) assert.ok(batch.length > 0);
    }
  });

  suite.test('an invalid batch throws, and the socket still works', async (context) => {
    const { server, client } = await udpPair(context);
    const bad = (value: unknown): never => value as never;
    assert.throws(() => server.recvBatch(bad(undefined)), TypeError);
    assert.throws(() => server.recvBatch(bad({})), TypeError);
    assert.throws(() => client.sendBatch(bad({})), TypeError);
    const gone = new DatagramBatch({ capacity: 2, slotSize: 64 });
    gone.push(bytes('x'), server.localAddr());
    structuredClone(gone.data.buffer, { transfer: [gone.data.buffer as ArrayBuffer] });
    assert.throws(() => client.sendBatch(gone), TypeError);
    assert.equal(gone.sent, 0);
    client.sendTo(bytes('still here'), server.localAddr());
    await context.until('it arrives', () => server.peek(new Uint8Array(1)) !== WouldBlock);
    assert.throws(() => server.recvBatch(gone), TypeError);
    assert.deepEqual((await arrived(context, server)).data, bytes('still here'));
  });
}
