import assert from 'node:assert/strict';
import { WouldBlock } from '@evloop/core';
import { bytes } from '../bytes.ts';
import { arrived, bindUdp, connectedPair, udpPair } from '../datagrams.ts';
import { expectEvent } from '../expect-events.ts';
import { R, RW, T } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

/** Datagram sockets with a peer. */
export function datagramConnect(suite: Suite): void {
  suite.test('connected sockets exchange datagrams with their peer', async (context) => {
    const { server, client } = await connectedPair(context);
    assert.deepEqual(client.peerAddr(), server.localAddr());
    client.send(bytes('ping'));
    assert.deepEqual((await arrived(context, server)).data, bytes('ping'));
    server.send(bytes('pong'));
    assert.deepEqual((await arrived(context, client)).data, bytes('pong'));
  });

  suite.test('a connected socket receives no datagrams of others', async (context) => {
    const { server, client } = await connectedPair(context);
    const stranger = await bindUdp(context, context.client);
    stranger.sendTo(bytes('stranger'), server.localAddr());
    client.send(bytes('peer'));
    const { data, address } = await arrived(context, server);
    assert.deepEqual(data, bytes('peer'));
    assert.deepEqual(address, client.localAddr());
    assert.equal(server.recv(new Uint8Array(9)), WouldBlock);
  });

  suite.test('datagrams that arrived before connect are still received', async (context) => {
    const { server, client } = await udpPair(context);
    const peer = await bindUdp(context, context.client);
    client.sendTo(bytes('before'), server.localAddr());
    await context.until('it is there', () => server.peek(new Uint8Array(1)) !== WouldBlock);
    server.connect(peer.localAddr());
    assert.deepEqual((await arrived(context, server)).data, bytes('before'));
  });

  suite.test('the peer can be changed and removed; the local address stays', async (context) => {
    const { server, client } = await udpPair(context);
    const other = await bindUdp(context, context.server);
    const local = client.localAddr();
    client.connect(server.localAddr());
    client.send(bytes('first'));
    client.connect(other.localAddr());
    client.send(bytes('second'));
    assert.deepEqual(client.localAddr(), local);
    assert.deepEqual(client.peerAddr(), other.localAddr());
    client.disconnect();
    assert.deepEqual(client.localAddr(), local);
    client.sendTo(bytes('third'), server.localAddr());
    for (const text of ['first', 'third']) {
      const { data, address } = await arrived(context, server);
      assert.deepEqual([data, address], [bytes(text), local]);
    }
    assert.deepEqual((await arrived(context, other)).data, bytes('second'));
    server.sendTo(bytes('back'), local);
    other.sendTo(bytes('back'), local);
    assert.equal((await arrived(context, client)).size, 4);
    assert.equal((await arrived(context, client)).size, 4);
  });

  const { udpRefusals } = suite.client.supports;
  const testIf = suite.testIf.bind(suite, udpRefusals, 'udpRefusals');

  for (const [what, interest] of [
    ['READABLE', R],
    ['READABLE | WRITABLE', RW],
  ] as const) {
    testIf(
      `a dead port is an error event with ${what}, thrown once; the next send works`,
      async (context) => {
        const { server, client } = await udpPair(context);
        const address = server.localAddr();
        server.close();
        client.connect(address);
        context.register(client, T[0], interest);
        client.send(bytes('nobody there'));
        await expectEvent(context, T[0], 'error');
        const error = client.takeError();
        assert.equal(error?.code, 'ECONNREFUSED');
        assert.equal(client.takeError(), undefined);
        const again = await bindUdp(context, context.server, `127.0.0.1:${address.port}`);
        assert.equal(client.send(bytes('now')), 3);
        assert.deepEqual((await arrived(context, again)).data, bytes('now'));
      },
    );
  }

  for (const deed of ['recv', 'send', 'recvFrom', 'peek'] as const) {
    testIf(`a refusal is thrown once, by ${deed} or any other operation`, async (context) => {
      const { server, client } = await udpPair(context);
      const address = server.localAddr();
      server.close();
      client.connect(address);
      context.register(client, T[0], R);
      client.send(bytes('nobody there'));
      await expectEvent(context, T[0], 'error');
      assert.throws(() => client[deed](bytes('x')), { code: 'ECONNREFUSED' });
      assert.equal(client.takeError(), undefined);
      assert.equal(client.recv(new Uint8Array(1)), WouldBlock);
    });
  }

  testIf('each refusal is an event', async (context) => {
    const { server, client } = await udpPair(context);
    const address = server.localAddr();
    server.close();
    client.connect(address);
    context.register(client, T[0], R);
    for (let i = 0; i < 3; i++) {
      client.send(bytes('nobody there'));
      await expectEvent(context, T[0], 'error');
      assert.equal(client.takeError()?.code, 'ECONNREFUSED');
      assert.equal(client.recv(new Uint8Array(1)), WouldBlock);
    }
  });
}
