import assert from 'node:assert/strict';
import { type TcpStream, WouldBlock } from '@evloop/core';
import { arrival, bytes, drain, reset, writeAll } from '../bytes.ts';
import type { Context } from '../context.ts';
import { checkSystemError, expectCode } from '../expect-error.ts';
import { expectEvent, expectNoEvents } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import { everyOperation } from '../streams.ts';
import type { Suite } from '../suite.ts';

/** The end of a connection, with and without an error. */
export function closeAndErrors(suite: Suite): void {
  suite.test('after a close, the peer reads the end of the stream', async (context) => {
    const { client, server } = await context.pair();
    context.register(client, T[0], R);
    server.close();
    const seen = await expectEvent(context, T[0], 'readable', 'readClosed');
    assert.ok(seen.every((event) => !event.error));
    assert.equal(client.read(new Uint8Array(1)), 0);
    await expectNoEvents(context);
  });

  suite.test('closing a stream that is registered ends the connection', async (context) => {
    const { client, server } = await context.pair();
    context.register(client, T[0], RW);
    await expectEvent(context, T[0], 'writable');
    assert.equal(client.read(new Uint8Array(1)), WouldBlock);
    client.close();
    context.register(server, T[1], R);
    await expectEvent(context, T[1], 'readClosed');
    assert.equal(server.read(new Uint8Array(1)), 0);
  });

  for (const [words, interest] of [
    ['READABLE alone', R],
    ['WRITABLE alone', W],
    ['both', RW],
  ] as const) {
    suite.test(`a reset is reported as error and closed, with ${words}`, async (context) => {
      const { client, server } = await context.pair();
      context.register(client, T[0], interest);
      await reset(context, server, client);
      await expectEvent(context, T[0], 'error', 'readClosed', 'writeClosed');
      context.registry.reregister(client, T[1], R);
      await expectEvent(context, T[1], 'readable', 'error');
      context.registry.reregister(client, T[2], W);
      await expectEvent(context, T[2], 'writable', 'error');
    });
  }

  suite.test('a reset is reported once', async (context) => {
    const { client, server } = await context.pair();
    context.register(client, T[0], RW);
    await reset(context, server, client);
    await expectEvent(context, T[0], 'error', 'readClosed', 'writeClosed');
    await expectNoEvents(context);
    await expectNoEvents(context);
  });

  suite.test('read throws ECONNRESET once, and then returns 0', async (context) => {
    const { client } = await afterReset(context);
    const error = expectCode(() => client.read(new Uint8Array(1)), 'ECONNRESET');
    checkSystemError(error, 'ECONNRESET', (error as unknown as { syscall: string }).syscall);
    for (let i = 0; i < 3; i++) assert.equal(client.read(new Uint8Array(1)), 0);
    assert.equal(client.takeError(), undefined);
    expectCode(() => client.write(bytes('x')), 'EPIPE');
  });

  suite.test('takeError takes ECONNRESET once, and read then returns 0', async (context) => {
    const { client } = await afterReset(context);
    const error = client.takeError();
    assert.equal(error?.code, 'ECONNRESET');
    assert.ok(Number.isInteger(error?.errno) && (error?.errno as number) < 0);
    assert.equal(client.takeError(), undefined);
    assert.equal(client.read(new Uint8Array(1)), 0);
    expectCode(() => client.write(bytes('x')), 'EPIPE');
  });

  suite.test('write throws the pending error once, and then EPIPE', async (context) => {
    const { client } = await afterReset(context);
    expectCode(() => client.write(bytes('x')), 'ECONNRESET', 'EPIPE');
    for (let i = 0; i < 3; i++) expectCode(() => client.write(bytes('x')), 'EPIPE');
    expectCode(() => client.writev([bytes('x')]), 'EPIPE');
  });

  suite.test(
    'finishConnect returns true although the connection was reset since',
    async (context) => {
      const { client } = await afterReset(context);
      assert.equal(client.finishConnect(), true);
      assert.equal(client.takeError()?.code, 'ECONNRESET');
    },
  );

  suite.test('after a reset, peerAddr throws ENOTCONN', async (context) => {
    const { client } = await afterReset(context);
    expectCode(() => client.peerAddr(), 'ENOTCONN');
    expectCode(() => client.shutdown('write'), 'ENOTCONN');
  });

  suite.test(
    'after a reset, read returns the received data, then throws, then returns 0',
    async (context) => {
      const { client, server } = await context.pair();
      writeAll(server, 'early');
      await arrival(context, client, 5);
      context.register(client, T[0], W);
      await reset(context, server, client);
      await expectEvent(context, T[0], 'error');
      const buffer = new Uint8Array(16);
      assert.equal(client.read(buffer), 5);
      assert.equal(Buffer.from(buffer.subarray(0, 5)).toString(), 'early');
      expectCode(() => client.read(buffer), 'ECONNRESET');
      assert.equal(client.read(buffer), 0);
    },
  );

  suite.test('a reset is reported also while data is undrained', async (context) => {
    const { client, server } = await context.pair();
    context.register(client, T[0], R);
    writeAll(server, 'undrained');
    await expectEvent(context, T[0], 'readable');
    await reset(context, server, client);
    await expectEvent(context, T[0], 'error', 'readClosed', 'writeClosed');
  });

  suite.test('writing to a peer that has closed ends in an error', async (context) => {
    const { client, server } = await context.pair();
    context.register(client, T[0], RW);
    server.close();
    await expectEvent(context, T[0], 'readClosed');
    let code: unknown;
    await context.until('a write fails', () => {
      try {
        const size = client.write(new Uint8Array(1024));
        assert.ok(size === WouldBlock || size > 0);
        return false;
      } catch (error) {
        code = (error as { code?: unknown }).code;
        return true;
      }
    });
    assert.ok(code === 'EPIPE' || code === 'ECONNRESET', String(code));
    expectCode(() => client.write(new Uint8Array(1)), 'EPIPE');
    await context.until('the end is read', () => client.read(new Uint8Array(1)) === 0);
  });

  suite.testIf(
    suite.client.supports.closeBehindBacklog,
    'closeBehindBacklog',
    'the reset by a closed peer is an event',
    async (context) => {
      const { client, server } = await context.pair();
      context.register(client, T[0], R);
      server.close();
      await expectEvent(context, T[0], 'readClosed');
      assert.equal(client.read(new Uint8Array(1)), 0);
      writeAll(client, 'anybody there?');
      await expectEvent(context, T[0], 'error', 'writeClosed');
    },
  );

  suite.test(
    'a client that resets before it is accepted does not affect others',
    async (context) => {
      const listener = await context.listen();
      context.register(listener, T[0], R);
      const first = context.connect(listener);
      first.close();
      const second = context.connect(listener);
      context.register(second, T[1], W);
      const accepted: TcpStream[] = [];
      await context.until('the second is accepted', () => {
        const stream = listener.accept();
        if (stream !== WouldBlock) accepted.push(context.own(stream));
        if (second.finishConnect() === WouldBlock) return false;
        return accepted.some((each) => samePort(each, second));
      });
    },
  );

  suite.test('every operation of a closed stream throws EVLOOP_CLOSED', async (context) => {
    const { client } = await context.pair();
    client.close();
    for (const act of [
      ...everyOperation(client),
      () => client.nodelay(),
      () => client.setNodelay(true),
      () => client.ttl(),
      () => client.setTtl(10),
    ]) {
      expectCode(act, 'EVLOOP_CLOSED');
    }
  });

  suite.test('a second close has no effect, also with `using`', async (context) => {
    const { listener, client, server } = await context.pair();
    for (const source of [listener, client, server]) {
      source.close();
      source.close();
      source[Symbol.dispose]();
    }
    const other = await context.pair();
    other.client[Symbol.dispose]();
    expectCode(() => other.client.read(new Uint8Array(1)), 'EVLOOP_CLOSED');
  });

  suite.test('closing after the end or after a reset does not throw', async (context) => {
    const { client, server } = await afterReset(context);
    client.close();
    server.close();
    const ended = await context.pair();
    ended.server.close();
    context.register(ended.client, T[1], R);
    await expectEvent(context, T[1], 'readClosed');
    drain(ended.client);
    ended.client.close();
  });
}

/** Makes a connection whose client knows that the server has reset it. */
async function afterReset(context: Context): Promise<{ client: TcpStream; server: TcpStream }> {
  const { client, server } = await context.pair();
  context.register(client, T[0], W);
  await reset(context, server, client);
  await expectEvent(context, T[0], 'error');
  return { client, server };
}

function samePort(accepted: TcpStream, client: TcpStream): boolean {
  try {
    return accepted.peerAddr().port === client.localAddr().port;
  } catch {
    return false;
  }
}
