import assert from 'node:assert/strict';
import { WouldBlock } from '@evloop/core';
import { bytes } from '../bytes.ts';
import { arrived, bindUdp, connectedPair, pattern, udpPair, waiting } from '../datagrams.ts';
import { checkSystemError, expectCode } from '../expect-error.ts';
import type { Suite } from '../suite.ts';

/** Single datagrams: whole, with their sender, or not at all. */
export function datagram(suite: Suite): void {
  for (const address of ['127.0.0.1:0', '[::1]:0']) {
    const family = address.startsWith('[') ? 'IPv6' : 'IPv4';

    suite.test(
      `datagrams of every size arrive whole, with their sender (${family})`,
      async (context) => {
        const { server, client } = await udpPair(context, address);
        for (const size of [1, 0, 1200, 9000, 65507]) {
          const data = pattern(size);
          assert.equal(client.sendTo(data, server.localAddr()), size);
          data.fill(0);
          const there = await arrived(context, server);
          assert.deepEqual(there.data, pattern(size));
          assert.deepEqual(there.address, client.localAddr());
          assert.equal(there.truncated, false);
          assert.equal(server.sendTo(there.data, there.address), size);
          assert.deepEqual((await arrived(context, client)).data, pattern(size));
        }
      },
    );
  }

  suite.test('a socket that binds port 0 has the port that the system chose', async (context) => {
    const socket = await bindUdp(context);
    const { address, port, family } = socket.localAddr();
    assert.deepEqual([address, family], ['127.0.0.1', 'IPv4']);
    assert.ok(port > 0);
    await assert.rejects(
      async () => bindUdp(context, context.server, `127.0.0.1:${port}`),
      (error) => {
        checkSystemError(error, 'EADDRINUSE', 'bind');
        return true;
      },
    );
  });

  suite.test('datagrams keep their borders, also empty ones', async (context) => {
    const { server, client } = await udpPair(context);
    const sizes = [3, 0, 0, 5, 1];
    for (const size of sizes) client.sendTo(pattern(size), server.localAddr());
    for (const size of sizes) assert.equal((await arrived(context, server)).size, size);
    assert.equal(server.recv(new Uint8Array(9)), WouldBlock);
  });

  suite.test('each datagram comes with its own sender', async (context) => {
    const { server, client } = await udpPair(context);
    const other = await bindUdp(context, context.client);
    for (const [sender, text] of [
      [client, 'a'],
      [other, 'b'],
      [client, 'c'],
    ] as const) {
      sender.sendTo(bytes(text), server.localAddr());
      const there = await arrived(context, server);
      assert.deepEqual([there.data, there.address], [bytes(text), sender.localAddr()]);
    }
  });

  suite.test(
    'a small buffer gets the beginning of a datagram, and truncated is true',
    async (context) => {
      const { server, client } = await udpPair(context);
      for (const text of ['truncated', 'fits', 'truncated too', '']) {
        client.sendTo(bytes(text), server.localAddr());
      }
      const first = await arrived(context, server, 4);
      assert.deepEqual([first.size, first.truncated], [4, true]);
      assert.deepEqual(first.data, bytes('trun'));
      assert.equal(server.truncated, true);
      const second = await arrived(context, server, 4);
      assert.deepEqual([second.size, second.truncated, server.truncated], [4, false, false]);
      await waiting(context, server);
      const buffer = new Uint8Array(8).fill(7);
      assert.equal(server.recv(buffer, 2, 3), 3);
      assert.equal(server.truncated, true);
      assert.deepEqual([...buffer], [7, 7, ...bytes('tru'), 7, 7, 7]);
      await waiting(context, server);
      assert.equal(server.recv(new Uint8Array(0)), 0);
      assert.equal(server.truncated, false);
    },
  );

  suite.test('an empty buffer consumes the datagram', async (context) => {
    const { server, client } = await udpPair(context);
    client.sendTo(bytes('gone'), server.localAddr());
    const there = await arrived(context, server, 0);
    assert.deepEqual([there.size, there.truncated], [0, true]);
    assert.equal(server.recv(new Uint8Array(9)), WouldBlock);
  });

  suite.test('peeking does not consume the datagram', async (context) => {
    const { server, client } = await udpPair(context);
    const buffer = new Uint8Array(16);
    assert.equal(server.peekFrom(buffer), WouldBlock);
    client.sendTo(bytes('peek'), server.localAddr());
    await waiting(context, server);
    const seen = server.peekFrom(buffer);
    assert.deepEqual(seen, { size: 4, address: client.localAddr(), truncated: false });
    assert.equal(server.peek(buffer, 0, 2), 2);
    assert.equal(server.truncated, true);
    assert.deepEqual(server.recvFrom(buffer), seen);
    assert.equal(server.peek(buffer), WouldBlock);
  });

  suite.test('a part of a buffer can be sent', async (context) => {
    const { server, client } = await connectedPair(context);
    assert.equal(client.send(bytes('0123456789'), 3, 4), 4);
    assert.deepEqual((await arrived(context, server)).data, bytes('3456'));
    assert.equal(client.send(bytes('0123456789'), 10), 0);
    assert.equal((await arrived(context, server)).size, 0);
  });

  suite.test('65,508 bytes are EMSGSIZE, and the socket still works', async (context) => {
    const { server, client } = await udpPair(context);
    const to = server.localAddr();
    try {
      client.sendTo(new Uint8Array(65508), to);
      assert.fail('it should throw');
    } catch (error) {
      checkSystemError(error, 'EMSGSIZE', 'send');
    }
    assert.equal(client.takeError(), undefined);
    assert.equal(client.sendTo(pattern(65507), to), 65507);
    assert.deepEqual((await arrived(context, server)).data, pattern(65507));
  });

  suite.test('the drop counters stay 0 without drops', async (context) => {
    const { server, client } = await udpPair(context);
    client.sendTo(bytes('x'), server.localAddr());
    await arrived(context, server);
    const { kernelDrops, ...others } = server.counters();
    assert.deepEqual(others, { queueDrops: 0, errorDrops: 0, segmentedHere: 0 });
    assert.equal(kernelDrops, context.server.supports.udpKernelDrops ? 0 : undefined);
  });

  suite.testIf(
    suite.server.supports.udpKernelDrops,
    'udpKernelDrops',
    'datagrams that the kernel drops are counted',
    async (context) => {
      const { server, client } = await udpPair(context);
      server.setSocketOption('recvBufferSize', 4096);
      let sent = 0;
      for (; sent < 64; sent++) client.sendTo(pattern(1000), server.localAddr());
      const drops = (): number => server.counters().kernelDrops ?? 0;
      let received = 0;
      const all = (): boolean => {
        while (server.recv(new Uint8Array(1000)) !== WouldBlock) received++;
        return received + drops() === sent;
      };
      await context.until('every datagram was received or counted', all);
      assert.ok(drops() > 0, 'a small buffer overflows');
    },
  );

  suite.test(
    'send without a peer is EDESTADDRREQ, and sendTo with one is EISCONN',
    async (context) => {
      const { server, client } = await udpPair(context);
      expectCode(() => client.send(bytes('x')), 'EDESTADDRREQ');
      expectCode(() => client.peerAddr(), 'ENOTCONN');
      expectCode(() => client.disconnect(), 'ENOTCONN');
      client.connect(server.localAddr());
      expectCode(() => client.sendTo(bytes('x'), server.localAddr()), 'EISCONN');
      client.send(bytes('y'));
      assert.deepEqual((await arrived(context, server)).data, bytes('y'));
    },
  );

  suite.test('an address of the other family is EAFNOSUPPORT', async (context) => {
    const v4 = await bindUdp(context);
    const v6 = await bindUdp(context, context.client, '[::1]:0');
    expectCode(() => v4.sendTo(bytes('x'), v6.localAddr()), 'EAFNOSUPPORT');
    expectCode(() => v6.sendTo(bytes('x'), v4.localAddr()), 'EAFNOSUPPORT');
    expectCode(() => v4.connect(v6.localAddr()), 'EAFNOSUPPORT');
    expectCode(() => v6.connect(v4.localAddr()), 'EAFNOSUPPORT');
    expectCode(() => v4.peerAddr(), 'ENOTCONN');
  });

  suite.test('sending to port 0 is EINVAL', async (context) => {
    const socket = await bindUdp(context);
    expectCode(() => socket.sendTo(bytes('x'), '127.0.0.1:0'), 'EINVAL');
    expectCode(() => socket.connect('127.0.0.1:0'), 'EINVAL');
  });

  suite.test('invalid arguments throw, and the socket still works', async (context) => {
    const { server, client } = await udpPair(context);
    const to = server.localAddr();
    const one = new Uint8Array(1);
    const gone = new Uint8Array(8);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    const bad = (value: unknown): never => value as never;
    for (const [kind, act] of [
      [TypeError, () => client.sendTo(one, 'localhost:9')],
      [TypeError, () => client.sendTo(one, { address: 'example.org', port: 9 })],
      [TypeError, () => client.sendTo(one, bad(undefined))],
      [RangeError, () => client.sendTo(one, '127.0.0.1:65536')],
      [RangeError, () => client.sendTo(one, { address: '127.0.0.1', port: 1.5 })],
      [RangeError, () => client.sendTo(one, { ...to, port: -1 })],
      [TypeError, () => client.sendTo(bad('text'), to)],
      [TypeError, () => client.sendTo(gone, to)],
      [RangeError, () => client.sendTo(one, to, 2)],
      [RangeError, () => client.sendTo(one, to, 0, 2)],
      [TypeError, () => client.recvFrom(bad([1]))],
      [TypeError, () => client.recvFrom(gone)],
      [RangeError, () => client.recv(one, -1)],
      [RangeError, () => client.peek(one, 0, 1.5)],
      [RangeError, () => client.peekFrom(one, 0, 2)],
      [TypeError, () => client.connect('localhost:9')],
      [RangeError, () => client.setTtl(0)],
      [RangeError, () => client.setTtl(256)],
      [RangeError, () => client.setMulticastTtlV4(256)],
      [TypeError, () => client.joinMulticastV4('::1')],
      [TypeError, () => client.joinMulticastV4('224.0.0.1', {} as never)],
    ] as const) {
      assert.throws(act, kind, String(act));
    }
    client.sendTo(one, to);
    assert.equal((await arrived(context, server)).size, 1);
  });

  suite.test('invalid arguments of bind throw', async (context) => {
    const bind = async (address: unknown, options?: unknown): Promise<unknown> =>
      bindUdp(context, context.server, address as string, options as object);
    await assert.rejects(bind('localhost:0'), TypeError);
    await assert.rejects(bind('127.0.0.1:65536'), RangeError);
    await assert.rejects(bind('127.0.0.1:0', { socket: { recvBufferSize: 0 } }), RangeError);
    await assert.rejects(bind('192.0.2.1:0'), { code: 'EADDRNOTAVAIL' });
  });

  suite.test(
    'every operation of a closed socket except close throws EVLOOP_CLOSED',
    async (context) => {
      const socket = await bindUdp(context);
      const to = socket.localAddr();
      const one = new Uint8Array(1);
      socket.close();
      socket.close();
      for (const act of [
        () => socket.recv(one),
        () => socket.recvFrom(one),
        () => socket.peek(one),
        () => socket.sendTo(one, to),
        () => socket.send(one),
        () => socket.connect(to),
        () => socket.localAddr(),
        () => socket.peerAddr(),
        () => socket.takeError(),
        () => socket.counters(),
        () => socket.ttl(),
        () => socket.setBroadcast(true),
      ]) {
        expectCode(act, 'EVLOOP_CLOSED');
      }
    },
  );
}
