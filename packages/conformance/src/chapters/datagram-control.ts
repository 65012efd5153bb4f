import assert from 'node:assert/strict';
import {
  DatagramBatch,
  type ReceivedDatagram,
  type SendControl,
  type UdpSocket,
  WouldBlock,
} from '@evloop/core';
import { bytes } from '../bytes.ts';
import type { Context } from '../context.ts';
import { arrived, arrivedBatch, bindUdp, sendAll, udpPair } from '../datagrams.ts';
import { expectCode } from '../expect-error.ts';
import type { Suite } from '../suite.ts';

/** A wildcard address, and addresses of this machine at which a client can reach a socket on it. */
const WILDCARDS = [
  ['0.0.0.0', ['127.0.0.1', '127.0.0.2', '127.1.2.3']],
  ['[::]', ['[::1]', '[::ffff:127.0.0.1]', '[::ffff:127.0.0.2]']],
] as const;

/** What is reported about a datagram besides its bytes and its sender, and how one is sent. */
export function datagramControl(suite: Suite): void {
  const { server, client } = suite;
  const { udpPacketInfo, udpHeaderFields, udpTimestamps, udpSteering } = server.supports;

  suite.test('replyTo sends to the sender', async (context) => {
    const { server, client } = await udpPair(context);
    client.sendTo(bytes('a question'), server.localAddr());
    const question = await arrived(context, server);
    assert.equal(server.replyTo(bytes('an answer'), question, 3, 6), 6);
    assert.deepEqual((await arrived(context, client)).data, bytes('answer'));
    assert.throws(() => server.replyTo(bytes('x'), question, 1, 1), RangeError);
  });

  suite.test('sendBatch sends at most as many messages as requested', async (context) => {
    const { server, client } = await udpPair(context);
    const batch = new DatagramBatch({ capacity: 4, slotSize: 8 });
    for (const text of ['a', 'b', 'c']) batch.push(bytes(text), server.localAddr());
    assert.equal(client.sendBatch(batch, 0), 0);
    assert.equal(client.sendBatch(batch, 1), 1);
    assert.throws(() => client.sendBatch(batch, -1), RangeError);
    await sendAll(context, client, batch);
    for (const text of ['a', 'b', 'c']) {
      assert.deepEqual((await arrived(context, server)).data, bytes(text));
    }
  });

  suite.test('a received batch can be forwarded', async (context) => {
    const { server, client } = await udpPair(context);
    const relay = await bindUdp(context);
    client.sendTo(bytes('one'), relay.localAddr());
    const batch = new DatagramBatch({ capacity: 4, slotSize: 64 });
    await arrivedBatch(context, relay, batch);
    const target = new DatagramBatch({ capacity: 1, slotSize: 1 });
    target.push(new Uint8Array(0), server.localAddr());
    batch.passOn(target, 0);
    assert.throws(() => batch.passOn(target, 0), TypeError);
    await sendAll(context, relay, batch);
    const { data, address } = await arrived(context, server);
    assert.deepEqual([data, address], [bytes('one'), relay.localAddr()]);
  });

  suite.testIf(
    udpPacketInfo && client.name === server.name,
    'udpPacketInfo',
    'a socket on a wildcard address replies from the address that the client asked',
    async (context) => {
      for (const [host, addresses] of WILDCARDS) {
        const answerer = await bindUdp(context, server, `${host}:0`, {
          socket: { packetInfo: true },
        });
        for (const address of addresses) await isAnsweredFrom(context, answerer, address);
      }
    },
  );

  suite.testIf(
    udpPacketInfo,
    'udpPacketInfo',
    'packet information is reported once the option is set',
    async (context) => {
      const { server, client } = await udpPair(context);
      client.sendTo(bytes('x'), server.localAddr());
      assert.equal((await arrived(context, server)).info, undefined);
      server.setSocketOption('packetInfo', true);
      client.sendTo(bytes('x'), server.localAddr());
      const { info } = await arrived(context, server);
      assert.equal(info?.destination, '127.0.0.1');
      assert.ok((info?.interfaceIndex ?? 0) > 0);
      assert.deepEqual([info?.tos, info?.ttl, info?.timestamp], [undefined, undefined, undefined]);
      assert.equal(info?.controlTruncated, false);
      server.setSocketOption('packetInfo', false);
      client.sendTo(bytes('x'), server.localAddr());
      assert.equal((await arrived(context, server)).info, undefined);
    },
  );

  suite.testIf(
    udpPacketInfo,
    'udpPacketInfo',
    'a datagram can be sent from any address of this machine, and from no other',
    async (context) => {
      const sender = await bindUdp(context, server, '0.0.0.0:0');
      const receiver = await bindUdp(context, server);
      const to = receiver.localAddr();
      sender.sendTo(bytes('x'), to, 0, 1, { source: '127.0.0.9' });
      assert.equal((await arrived(context, receiver)).address.address, '127.0.0.9');
      const batch = new DatagramBatch({ capacity: 1, slotSize: 8 });
      batch.push(bytes('y'), to);
      batch.setControl(0, { source: '127.0.0.8' });
      await sendAll(context, sender, batch);
      assert.equal((await arrived(context, receiver)).address.address, '127.0.0.8');
      const send = (control: SendControl) => () => sender.sendTo(bytes('x'), to, 0, 1, control);
      assert.throws(send({ source: '203.0.113.1' }), /EINVAL|ENETUNREACH/);
      expectCode(send({ source: '::1' }), 'EAFNOSUPPORT');
      assert.throws(send({ source: 'localhost' }), TypeError);
      assert.throws(send({ interfaceIndex: -1 }), RangeError);
      assert.equal(receiver.recv(new Uint8Array(1)), WouldBlock);
    },
  );

  suite.testIf(
    udpHeaderFields,
    'udpHeaderFields',
    'TOS with ECN and the hop limit are reported and set per datagram',
    async (context) => {
      const socket = { recvTos: true, recvTtl: true };
      for (const host of ['127.0.0.1', '[::1]']) {
        const receiver = await bindUdp(context, server, `${host}:0`, { socket });
        const sender = await bindUdp(context, server, `${host}:0`);
        const to = receiver.localAddr();
        for (const [tos, ttl] of [
          [0x02, 7],
          [0xb9, 255],
          [0, 1],
        ] as const) {
          sender.sendTo(bytes('x'), to, 0, 1, { tos, ttl });
          const { info } = await arrived(context, receiver);
          assert.deepEqual([info?.tos, info?.ttl], [tos, ttl]);
        }
        const batch = new DatagramBatch({ capacity: 4, slotSize: 8 });
        for (const tos of [1, 2, 3]) {
          batch.push(bytes('x'), to);
          batch.setControl(tos - 1, { tos });
        }
        await sendAll(context, sender, batch);
        const got = new DatagramBatch({ capacity: 1, slotSize: 8 });
        for (const tos of [1, 2, 3]) {
          await arrivedBatch(context, receiver, got);
          assert.equal(got.info(0).tos, tos);
        }
        const wrong = (control: SendControl) => () => sender.sendTo(bytes('x'), to, 0, 1, control);
        for (const control of [{ tos: 256 }, { tos: 0.5 }, { ttl: 0 }, { ttl: 256 }]) {
          assert.throws(wrong(control), RangeError);
        }
      }
    },
  );

  suite.testIf(
    udpTimestamps,
    'udpTimestamps',
    'the time of arrival is reported in nanoseconds',
    async (context) => {
      const { server, client } = await udpPair(context);
      server.setSocketOption('recvTimestamps', true);
      let timestamp: bigint | undefined;
      // The kernel starts to record times a little after the option is set.
      for (let i = 0; i < 100 && timestamp === undefined; i++) {
        client.sendTo(bytes('x'), server.localAddr());
        timestamp = (await arrived(context, server)).info?.timestamp;
        await context.turn();
      }
      const ms = Number((timestamp ?? 0n) / 1_000_000n);
      assert.ok(Math.abs(ms - Date.now()) < 60_000, `${ms} is now`);
    },
  );

  suite.testIf(
    udpSteering,
    'udpSteering',
    'a byte of the payload chooses the socket of a group',
    async (context) => {
      const first = await bindUdp(context, server, '127.0.0.1:0', {
        socket: { reusePort: true, steering: { by: 'byte', offset: 1, sockets: 3 } },
      });
      assert.deepEqual(first.socketOption('steering'), { by: 'byte', offset: 1, sockets: 3 });
      const { port } = first.localAddr();
      const group = [first];
      while (group.length < 3) {
        group.push(
          await bindUdp(context, server, `127.0.0.1:${port}`, { socket: { reusePort: true } }),
        );
      }
      const sender = await bindUdp(context, server);
      for (let id = 0; id < 9; id++) sender.sendTo(Uint8Array.of(99, id), first.localAddr());
      for (const [i, socket] of group.entries()) {
        for (let id = i; id < 9; id += 3) {
          assert.equal((await arrived(context, socket)).data[1], id);
        }
      }
    },
  );

  unsupported(suite);
}

/** Using what is not supported throws. */
function unsupported(suite: Suite): void {
  const { supports } = suite.server;
  for (const [ability, control] of [
    ['udpPacketInfo', { source: '127.0.0.1' }],
    ['udpHeaderFields', { tos: 2 }],
    ['udpTimestamps', { transmitAt: 1n }],
  ] as const) {
    suite.testUnsupported(supports[ability], ability, async (context) => {
      const { server, client } = await udpPair(context);
      const to = client.localAddr();
      expectCode(() => server.sendTo(bytes('x'), to, 0, 1, control), 'EVLOOP_UNSUPPORTED');
      const batch = new DatagramBatch({ capacity: 2, slotSize: 8 });
      batch.push(bytes('x'), to);
      batch.push(bytes('y'), to);
      batch.setControl(0, control);
      expectCode(() => server.sendBatch(batch), 'EVLOOP_UNSUPPORTED');
      await sendAll(context, server, batch);
      assert.deepEqual((await arrived(context, client)).data, bytes('y'));
    });
  }
  for (const [ability, run] of [
    ['udpErrorQueue', (socket: UdpSocket) => socket.recvError()],
    ['udpPathMtu', (socket: UdpSocket) => socket.pathMtu()],
    [
      'udpSourceMulticast',
      (socket: UdpSocket) => socket.joinMulticastSource('232.1.1.1', '127.0.0.1'),
    ],
  ] as const) {
    suite.testUnsupported(supports[ability], ability, async (context) => {
      const socket = await bindUdp(context);
      expectCode(() => run(socket), 'EVLOOP_UNSUPPORTED');
    });
  }
}

async function isAnsweredFrom(context: Context, server: UdpSocket, host: string): Promise<void> {
  const { port } = server.localAddr();
  const any = host.startsWith('[') ? '[::]:0' : '0.0.0.0:0';
  const client = await bindUdp(context, context.client, any);
  // A connected socket receives from the address that it asked, and drops datagrams of others.
  client.connect(`${host}:${port}`);
  client.send(bytes('one by one'));
  const question: ReceivedDatagram = await arrived(context, server);
  server.replyTo(bytes('from there'), question);
  assert.deepEqual((await arrived(context, client)).data, bytes('from there'));
  client.send(bytes('by batch'));
  const batch = new DatagramBatch({ capacity: 2, slotSize: 64 });
  await arrivedBatch(context, server, batch);
  const other = new DatagramBatch({ capacity: 2, slotSize: 64 });
  other.pushTo(bytes('another'), batch, 0);
  batch.reply();
  await sendAll(context, server, batch);
  assert.deepEqual((await arrived(context, client)).data, bytes('by batch'));
  await sendAll(context, server, other);
  assert.deepEqual((await arrived(context, client)).data, bytes('another'));
}
