import assert from 'node:assert/strict';
import { type Interest, type SystemError, type TcpStream, WouldBlock } from '@evloop/core';
import { writeAll } from '../bytes.ts';
import type { Context } from '../context.ts';
import { checkSystemError, expectCode } from '../expect-error.ts';
import { expectEvent, expectNoEvents } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

/**
 * Connecting: `writable` does not mean connected, `finishConnect` tells, and `takeError` takes the
 * error.
 */
export function connect(suite: Suite): void {
  suite.test(
    'an established connection is reported writable once, and not readable',
    async (context) => {
      const listener = await context.listen();
      const client = context.connect(listener);
      context.register(client, T[0], RW);
      const seen = await expectEvent(context, T[0], 'writable');
      assert.ok(seen.every((event) => !event.readable && !event.error && !event.readClosed));
      await context.until('it is connected', () => client.finishConnect() === true);
      await expectNoEvents(context);
    },
  );

  // Not for Unix streams: Linux reports room again with each message that the peer reads.
  suite.test('a small write does not make a connection writable again', async (context) => {
    const { client } = await context.pair();
    context.register(client, T[0], W);
    await expectEvent(context, T[0], 'writable');
    writeAll(client, 'small');
    await expectNoEvents(context);
  });

  suite.test('after connecting, finishConnect always returns true', async (context) => {
    const { client } = await context.pair();
    for (let i = 0; i < 3; i++) assert.equal(client.finishConnect(), true);
    assert.equal(client.takeError(), undefined);
    assert.equal(client.finishConnect(), true);
    client.shutdown('both');
    assert.equal(client.finishConnect(), true);
  });

  suite.test('with READABLE alone, connecting reports nothing', async (context) => {
    const listener = await context.listen();
    const client = context.connect(listener);
    context.register(client, T[0], R);
    const poll = context.newPoll();
    poll.registry.register(listener, T[1], R);
    const accepted = (): boolean => {
      const server = listener.accept();
      // An unreferenced stream would be closed when it is garbage-collected.
      return server !== WouldBlock && context.own(server) === server;
    };
    await context.until('it is accepted', accepted, poll);
    await context.until('it is connected', () => client.finishConnect() === true, poll);
    await expectNoEvents(context);
  });

  suite.test('a stream that is registered after connecting is reported', async (context) => {
    const listener = await context.listen();
    const client = context.connect(listener);
    context.register(client, T[0], R);
    context.registry.reregister(client, T[1], W);
    await expectEvent(context, T[1], 'writable');
    await context.until('it is connected', () => client.finishConnect() === true);
    assert.deepEqual(client.peerAddr(), listener.localAddr());
  });

  suite.test(
    'operations on a connecting stream return WouldBlock or throw ENOTCONN',
    async (context) => {
      const listener = await context.listen();
      const client = context.connect(listener);
      // The connection may be established between two lines. Only then the operations may succeed.
      const unlessConnected = (act: () => unknown): void => {
        try {
          if (act() === WouldBlock) return;
        } catch (error) {
          assert.equal((error as SystemError).code, 'ENOTCONN');
          return;
        }
        assert.equal(client.finishConnect(), true);
      };
      unlessConnected(() => client.finishConnect());
      unlessConnected(() => client.peerAddr());
      unlessConnected(() => client.write(new Uint8Array(1)));
      assert.equal(client.read(new Uint8Array(1)), WouldBlock);
      assert.equal(client.peek(new Uint8Array(1)), WouldBlock);
      assert.equal(client.takeError(), undefined);
    },
  );

  suite.test('a connecting stream can be closed', async (context) => {
    const listener = await context.listen();
    const client = context.connect(listener);
    context.register(client, T[0], RW);
    client.close();
    await expectNoEvents(context);
  });

  for (const [words, interest] of [
    ['READABLE alone', R],
    ['WRITABLE alone', W],
    ['both', RW],
  ] as const) {
    suite.test(
      `a refused connection is reported as error and closed, with ${words}`,
      async (context) => {
        const { client } = await refused(context, interest);
        await expectEvent(context, T[0], 'error', 'readClosed', 'writeClosed');
        context.registry.reregister(client, T[1], R);
        await expectEvent(context, T[1], 'readable', 'error');
        context.registry.reregister(client, T[2], W);
        await expectEvent(context, T[2], 'writable', 'error');
      },
    );
  }

  suite.test('finishConnect throws the same error each time', async (context) => {
    const { client, port } = await refused(context, W);
    const error = await failure(context, client);
    checkSystemError(error, 'ECONNREFUSED', 'connect');
    assert.equal(error.message, `connect ECONNREFUSED 127.0.0.1:${port}`);
    assert.equal(error.address, '127.0.0.1');
    assert.equal(error.port, port);
    for (let i = 0; i < 3; i++) {
      assert.throws(() => client.finishConnect(), { code: 'ECONNREFUSED', message: error.message });
    }
  });

  suite.test('after takeError, finishConnect still throws the error', async (context) => {
    const { client } = await refused(context, W);
    await failure(context, client);
    assert.equal(client.takeError()?.code, 'ECONNREFUSED');
    assert.equal(client.takeError(), undefined);
    assert.throws(() => client.finishConnect(), { code: 'ECONNREFUSED' });
  });

  suite.test('finishConnect throws an error that takeError took earlier', async (context) => {
    const { client } = await refused(context, W);
    await expectEvent(context, T[0], 'error');
    assert.equal(client.takeError()?.code, 'ECONNREFUSED');
    assert.equal(client.takeError(), undefined);
    assert.throws(() => client.finishConnect(), { code: 'ECONNREFUSED' });
  });

  suite.test('after a refusal, read returns 0 and write throws EPIPE', async (context) => {
    const { client } = await refused(context, RW);
    await failure(context, client);
    client.takeError();
    assert.equal(client.read(new Uint8Array(1)), 0);
    assert.equal(client.read(new Uint8Array(1)), 0);
    expectCode(() => client.write(new Uint8Array(1)), 'EPIPE');
    expectCode(() => client.peerAddr(), 'ENOTCONN');
    expectCode(() => client.shutdown('write'), 'ENOTCONN');
  });

  suite.test(
    'a refusal is thrown by the first read, if it was not taken, and only once',
    async (context) => {
      const { client } = await refused(context, RW);
      await failure(context, client);
      expectCode(() => client.read(new Uint8Array(1)), 'ECONNREFUSED');
      assert.equal(client.read(new Uint8Array(1)), 0);
      assert.equal(client.takeError(), undefined);
    },
  );

  suite.test(
    'an address is a literal: host names, invalid text and invalid ports throw',
    async (context) => {
      const stream = context.client.TcpStream;
      const listener = context.server.TcpListener;
      for (const address of [
        'localhost:80',
        'nonsense',
        '127.0.0.1',
        '::1:80',
        '1.2.3:4',
        '',
        ':1',
      ]) {
        assert.throws(() => stream.connect(address), TypeError, address);
        await assert.rejects(async () => listener.bind(address), TypeError, address);
      }
      for (const address of ['127.0.0.1:99999', '127.0.0.1:-1', '[::1]:x', '127.0.0.1:']) {
        assert.throws(() => stream.connect(address), RangeError, address);
        await assert.rejects(async () => listener.bind(address), RangeError, address);
      }
      for (const address of [null, undefined, 80, {}, { address: 'localhost', port: 1 }]) {
        assert.throws(() => stream.connect(address as string), TypeError);
        await assert.rejects(async () => listener.bind(address as string), TypeError);
      }
      const port = Number.NaN;
      assert.throws(() => stream.connect({ address: '127.0.0.1', port }), RangeError);
    },
  );

  suite.test('an address can be a string or an object', async (context) => {
    const listener = await context.listen();
    const { address, port } = listener.localAddr();
    for (const to of [`${address}:${port}`, { address, port }, listener.localAddr()]) {
      const client = context.own(context.client.TcpStream.connect(to));
      const server = await context.establish(listener, client);
      assert.deepEqual(server.localAddr(), listener.localAddr());
    }
  });

  suite.test('nodelay can be set and read, and given to connect', async (context) => {
    const listener = await context.listen();
    const plain = context.connect(listener);
    await context.establish(listener, plain);
    assert.equal(plain.nodelay(), false);
    if (context.client.supports.tcpStreamOptions.includes('nodelay')) {
      const quick = context.connect(listener, { socket: { nodelay: true } });
      await context.establish(listener, quick);
      assert.equal(quick.nodelay(), true);
    }
    plain.setNodelay(true);
    assert.equal(plain.nodelay(), true);
    plain.setNodelay(false);
    assert.equal(plain.nodelay(), false);
  });

  const { supports } = suite.client;
  suite.testIf(supports.tcpTtl, 'tcpTtl', 'the hop limit can be set and read', async (context) => {
    const { client } = await context.pair();
    assert.ok(client.ttl() > 0);
    client.setTtl(10);
    assert.equal(client.ttl(), 10);
    for (const hops of [0, 256, 1.5, Number.NaN]) {
      assert.throws(() => client.setTtl(hops), RangeError);
    }
  });
  if (!supports.tcpTtl) {
    suite.test(
      'without supports.tcpTtl, the hop limit throws EVLOOP_UNSUPPORTED',
      async (context) => {
        const { client } = await context.pair();
        expectCode(() => client.ttl(), 'EVLOOP_UNSUPPORTED');
        expectCode(() => client.setTtl(10), 'EVLOOP_UNSUPPORTED');
      },
    );
  }
}

/** Connects to a port whose listener is closed. */
async function refused(
  context: Context,
  interest: Interest,
): Promise<{ client: TcpStream; port: number }> {
  const listener = await context.listen();
  const address = listener.localAddr();
  listener.close();
  const client = context.connect(address);
  context.register(client, T[0], interest);
  return { client, port: address.port };
}

/** Waits for the attempt to end, and returns the error. */
async function failure(context: Context, client: TcpStream): Promise<SystemError> {
  let error: unknown;
  await context.until('the attempt ends', () => {
    try {
      return client.finishConnect() !== WouldBlock;
    } catch (thrown) {
      error = thrown;
      return true;
    }
  });
  assert.ok(error instanceof Error, 'the attempt should fail');
  return error as SystemError;
}
