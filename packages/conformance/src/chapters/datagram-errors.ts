import assert from 'node:assert/strict';
import { Interest, type QueuedError, type UdpSocket, WouldBlock } from '@evloop/core';
import { bytes } from '../bytes.ts';
import type { Context } from '../context.ts';
import { arrived, bindUdp, udpPair } from '../datagrams.ts';
import { expectCode } from '../expect-error.ts';
import { expectEvent, expectNoEvents } from '../expect-events.ts';
import { R, T } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

/** What is reported about sent datagrams: refusals, the error queue, the MTU of the path. */
export function datagramErrors(suite: Suite): void {
  const { udpErrorQueue, udpTimestamps, udpPathMtu, udpRefusals, priority } = suite.server.supports;

  suite.testIf(
    udpRefusals,
    'udpRefusals',
    'a refusal has Node’s message, wherever it is thrown',
    async (context) => {
      const { socket, port } = await refused(context);
      const there = async (): Promise<void> => {
        socket.send(bytes('x'));
        await expectEvent(context, T[0], 'error');
      };
      context.register(socket, T[0], R);
      await there();
      const place = `ECONNREFUSED 127.0.0.1:${port}`;
      assert.equal(
        messageOf(() => socket.recv(new Uint8Array(1))),
        `recvmsg ${place}`,
      );
      await there();
      assert.equal(
        messageOf(() => socket.send(bytes('x'))),
        `send ${place}`,
      );
      await there();
      const error = socket.takeError();
      assert.equal(error?.message, `recvmsg ${place}`);
      assert.deepEqual([error.address, error.port, error.syscall], ['127.0.0.1', port, 'recvmsg']);
    },
  );

  suite.test('errors of sending and binding have Node’s message', async (context) => {
    const { socket, port } = await refused(context);
    assert.equal(
      messageOf(() => socket.send(new Uint8Array(65_508))),
      `send EMSGSIZE 127.0.0.1:${port}`,
    );
    const other = await bindUdp(context);
    const bind = async (): Promise<unknown> =>
      bindUdp(context, context.server, `127.0.0.1:${other.localAddr().port}`);
    const message = `bind EADDRINUSE 127.0.0.1:${other.localAddr().port}`;
    await assert.rejects(bind, { message });
  });

  suite.testIf(
    udpErrorQueue,
    'udpErrorQueue',
    'the error queue reports which datagram was refused, and by which host',
    async (context) => {
      const socket = await bindUdp(context, context.server, '127.0.0.1:0', {
        socket: { recvErrors: true },
      });
      const { port } = await refused(context);
      const { server: healthy } = await udpPair(context);
      assert.equal(socket.recvError(), WouldBlock);
      context.register(socket, T[0], R);
      socket.sendTo(bytes('lost'), `127.0.0.1:${port}`);
      socket.sendTo(bytes('fine'), healthy.localAddr());
      await expectEvent(context, T[0], 'error');
      const entry = await queued(context, socket);
      const { kind, error, address, offender, type, code, data } = entry;
      assert.deepEqual([kind, error?.code, offender], ['icmp', 'ECONNREFUSED', '127.0.0.1']);
      assert.deepEqual(address, { address: '127.0.0.1', port, family: 'IPv4' });
      assert.deepEqual([type, code, data], [3, 3, bytes('lost')]);
      assert.equal(socket.recvError(), WouldBlock);
      assert.deepEqual((await arrived(context, healthy)).data, bytes('fine'));
    },
  );

  suite.testIf(
    udpErrorQueue,
    'udpErrorQueue',
    'no operation throws an error that the error queue reports',
    async (context) => {
      const { socket } = await refused(context);
      socket.setSocketOption('recvErrors', true);
      for (let i = 0; i < 3; i++) {
        assert.equal(socket.send(bytes('x')), 1);
        assert.equal(socket.recv(new Uint8Array(1)), WouldBlock);
      }
      assert.equal((await queued(context, socket)).error?.code, 'ECONNREFUSED');
    },
  );

  suite.testIf(
    udpErrorQueue && udpTimestamps && priority,
    'udpErrorQueue',
    'the error queue reports the time of sending, as a priority event without error',
    async (context) => {
      const { server, client } = await udpPair(context);
      server.setSocketOption('sendTimestamps', true);
      context.register(server, T[0], R | Interest.PRIORITY);
      for (const id of [0, 1]) {
        server.sendTo(bytes('x'), client.localAddr());
        for (const event of await expectEvent(context, T[0], 'priority')) {
          assert.deepEqual([event.error, event.writeClosed], [false, false]);
        }
        const entry = await queued(context, server);
        assert.deepEqual([entry.kind, entry.id, entry.error], ['timestamp', id, undefined]);
        const ms = Number((entry.timestamp ?? 0n) / 1_000_000n);
        assert.ok(Math.abs(ms - Date.now()) < 60_000, `${ms} is now`);
      }
      assert.equal(server.takeError(), undefined);
      context.registry.reregister(server, T[0], R);
      server.sendTo(bytes('x'), client.localAddr());
      await expectNoEvents(context);
    },
  );

  suite.testIf(
    udpPathMtu,
    'udpPathMtu',
    'pathMtu returns the MTU of the path, and EMSGSIZE has the size that fits',
    async (context) => {
      const { server, client } = await udpPair(context);
      expectCode(() => server.pathMtu(), 'ENOTCONN');
      const sizeOf = (act: () => unknown): number | undefined => {
        try {
          act();
        } catch (error) {
          return (error as { maxSize?: number }).maxSize;
        }
        return undefined;
      };
      const to = client.localAddr();
      const large = new Uint8Array(65_508);
      assert.equal(
        sizeOf(() => server.sendTo(large, to)),
        65_507,
      );
      server.setSocketOption('pathMtuDiscovery', 'do');
      const fits = sizeOf(() => server.sendTo(large, to)) ?? 0;
      assert.equal(server.sendTo(large, to, 0, fits), fits);
      server.connect(to);
      assert.ok(server.pathMtu() >= 1280);
      assert.equal(
        sizeOf(() => server.send(large)),
        Math.min(65_507, server.pathMtu() - 28),
      );
    },
  );
}

/** Makes a socket whose peer is a port without a socket. */
async function refused(context: Context): Promise<{ socket: UdpSocket; port: number }> {
  const gone = await bindUdp(context);
  const { port } = gone.localAddr();
  const socket = await bindUdp(context);
  socket.connect(gone.localAddr());
  gone.close();
  return { socket, port };
}

async function queued(context: Context, socket: UdpSocket): Promise<QueuedError> {
  let entry: QueuedError | WouldBlock = WouldBlock;
  await context.until('the error queue has an entry', () => {
    entry = socket.recvError();
    return entry !== WouldBlock;
  });
  return entry as unknown as QueuedError;
}

function messageOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}
