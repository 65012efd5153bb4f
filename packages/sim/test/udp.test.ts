import assert from 'node:assert/strict';
import { Events, Interest, Token, WouldBlock } from '@evloop/core';
import { test } from 'vitest';
import { explore, type LinkOptions, type Sim } from '../src/index.ts';

const WEB = '10.0.0.1:9000';

async function run(network: LinkOptions, body: (sim: Sim) => Promise<void>): Promise<void> {
  const { found } = await explore({ network, until: '100s' }, body);
  assert.equal(found?.failure.message, undefined);
}

/** How many of 300 datagrams of `size` bytes arrive. */
async function arrived(size: number, network: LinkOptions): Promise<number> {
  let count = 0;
  await run(network, async (sim) => {
    sim.host('web', { ip: '10.0.0.1' }, async ({ backend }) => {
      const socket = await backend.UdpSocket.bind(WEB);
      const poll = new backend.Poll();
      poll.registry.register(socket, Token(0), Interest.READABLE);
      const events = new Events(1);
      const buffer = new Uint8Array(65_536);
      while ((await poll.poll(events, 5000)) > 0) {
        for (let got = socket.recvFrom(buffer); got !== WouldBlock; got = socket.recvFrom(buffer)) {
          assert.equal(got.size, size);
          count++;
        }
      }
    });
    sim.host('c', async ({ backend }) => {
      const socket = await backend.UdpSocket.bind('0.0.0.0:0');
      for (let i = 0; i < 300; i++) {
        socket.sendTo(new Uint8Array(size), WEB);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
    await sim.run();
  });
  return count;
}

test('a datagram is lost when one of its fragments is', async () => {
  const loss = { loss: 0.05 };
  const [small, large] = [await arrived(1000, loss), await arrived(20_000, loss)];
  // 0.95 and 0.95 ** 14 of 300.
  assert.ok(small > 270 && small < 300, `${small} small ones`);
  assert.ok(large > 110 && large < 185, `${large} large ones`);
  assert.equal(await arrived(20_000, {}), 300);
  const jumbo = await arrived(20_000, { ...loss, mtu: 65_536 });
  assert.ok(jumbo > 270, `${jumbo} that need no fragments`);
});

test('a datagram larger than any can be is EMSGSIZE, and the socket goes on', async () => {
  await run({}, async (sim) => {
    sim.host('c', async ({ backend }) => {
      const socket = await backend.UdpSocket.bind('127.0.0.1:0');
      const send = (size: number) => () => socket.sendTo(new Uint8Array(size), socket.localAddr());
      assert.throws(send(65_508), { code: 'EMSGSIZE', errno: -90 });
      assert.equal(send(65_507)(), 65_507);
    });
    await sim.run();
  });
});

test('a sender that is faster than its link would block, and is told when there is room', async () => {
  await run({ rate: '1Mbit' }, async (sim) => {
    sim.host('web', { ip: '10.0.0.1' }, () => {});
    sim.host('c', async ({ backend }) => {
      const socket = await backend.UdpSocket.bind('0.0.0.0:0');
      const poll = new backend.Poll();
      poll.registry.register(socket, Token(0), Interest.WRITABLE);
      const events = new Events(1);
      await poll.poll(events, 0);
      let sent = 0;
      while (socket.sendTo(new Uint8Array(1000), WEB) !== WouldBlock) sent++;
      assert.ok(sent > 50 && sent < 500, `${sent} datagrams`);
      assert.equal(await poll.poll(events, 10), 0);
      assert.equal(await poll.poll(events, 10_000), 1);
      assert.equal(events.at(0)?.writable, true);
      assert.equal(socket.sendTo(new Uint8Array(1000), WEB), 1000);
    });
    await sim.run();
  });
});
