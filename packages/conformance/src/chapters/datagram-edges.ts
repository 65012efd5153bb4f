import assert from 'node:assert/strict';
import { WouldBlock } from '@evloop/core';
import { bytes } from '../bytes.ts';
import { arrived, bindUdp, udpPair, waiting } from '../datagrams.ts';
import { expectEvent, expectEvents, expectNoEvents, expectNothingNow } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

const room: Uint8Array = new Uint8Array(64);

/** When datagram sockets are reported. */
export function datagramEdges(suite: Suite): void {
  suite.test('a new socket is reported writable only', async (context) => {
    const { server, client } = await udpPair(context);
    context.register(server, T[0], R);
    context.register(client, T[1], RW);
    const seen = await expectEvents(context, [{ token: T[1], writable: true }]);
    assert.ok(seen.every((event) => event.token === T[1] && !event.readable && !event.error));
    await expectNoEvents(context);
  });

  suite.test('each datagram after WouldBlock is an edge, also an empty one', async (context) => {
    const { server, client } = await udpPair(context);
    context.register(server, T[0], R);
    for (const text of ['one', '', 'two', '']) {
      client.sendTo(bytes(text), server.localAddr());
      await expectEvent(context, T[0], 'readable');
      assert.deepEqual((await arrived(context, server)).data, bytes(text));
      assert.equal(server.recv(room), WouldBlock);
      await expectNothingNow(context);
    }
  });

  suite.test('an undrained socket is not reported again', async (context) => {
    const { server, client } = await udpPair(context);
    context.register(server, T[0], R);
    client.sendTo(bytes('one'), server.localAddr());
    await expectEvent(context, T[0], 'readable');
    await expectNoEvents(context);
    context.registry.reregister(server, T[1], R);
    await expectEvent(context, T[1], 'readable');
    assert.equal(server.recv(room), 3);
  });

  suite.test('a peek that returns WouldBlock re-arms receiving', async (context) => {
    const { server, client } = await udpPair(context);
    context.register(server, T[0], R);
    for (let i = 0; i < 3; i++) {
      client.sendTo(bytes('x'), server.localAddr());
      await expectEvent(context, T[0], 'readable');
      assert.equal(server.recv(room), 1);
      assert.equal(server.peek(room), WouldBlock);
    }
  });

  suite.test('registering reports datagrams that arrived before', async (context) => {
    const { server, client } = await udpPair(context);
    client.sendTo(bytes('early'), server.localAddr());
    await waiting(context, server);
    context.register(server, T[0], R);
    await expectEvent(context, T[0], 'readable');
  });

  suite.test('reregistering a drained socket reports no datagram', async (context) => {
    const { server, client } = await udpPair(context);
    context.register(server, T[0], R);
    client.sendTo(bytes('x'), server.localAddr());
    await expectEvent(context, T[0], 'readable');
    assert.equal(server.recv(room), 1);
    context.registry.reregister(server, T[0], R);
    await expectNoEvents(context);
    context.registry.reregister(server, T[0], W);
    await expectEvent(context, T[0], 'writable');
  });

  suite.test('a deregistered socket keeps its datagrams, and is not reported', async (context) => {
    const { server, client } = await udpPair(context);
    context.register(server, T[0], R);
    client.sendTo(bytes('kept'), server.localAddr());
    await waiting(context, server);
    context.registry.deregister(server);
    await expectNoEvents(context);
    assert.equal(server.recv(room), 4);
    client.sendTo(bytes('more'), server.localAddr());
    await waiting(context, server);
    await expectNoEvents(context);
    context.register(server, T[2], R);
    await expectEvent(context, T[2], 'readable');
  });

  suite.test('a closed socket is not reported, and its port is free', async (context) => {
    const { server, client } = await udpPair(context);
    const { port } = server.localAddr();
    context.register(server, T[0], RW);
    client.sendTo(bytes('x'), server.localAddr());
    await waiting(context, server);
    server.close();
    assert.equal(context.registry.size, 0);
    await expectNoEvents(context);
    const again = await bindUdp(context, context.server, `127.0.0.1:${port}`);
    assert.equal(again.recv(room), WouldBlock);
  });

  suite.test('many datagrams are all received, in order, edge by edge', async (context) => {
    const { server, client } = await udpPair(context);
    context.register(server, T[0], R);
    let received = 0;
    for (let sent = 0; sent < 2000; ) {
      for (let i = 0; i < 20; i++) {
        client.sendTo(Uint8Array.of(sent & 0xff, sent >> 8), server.localAddr());
        sent++;
      }
      while (received < sent) {
        await expectEvent(context, T[0], 'readable');
        for (let size = server.recv(room); size !== WouldBlock; size = server.recv(room)) {
          assert.equal(size, 2);
          assert.equal(((room[1] as number) << 8) | (room[0] as number), received++);
        }
      }
    }
  });
}
