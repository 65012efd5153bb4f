import assert from 'node:assert/strict';
import { WouldBlock } from '@evloop/core';
import { arrival, bytes, drain, fill, receive, receiveText, writeAll } from '../bytes.ts';
import { expectCode } from '../expect-error.ts';
import { expectEvent, expectNoEvents } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Connect } from '../streams.ts';
import type { Suite } from '../suite.ts';

const MIB = 1024 * 1024;

/** One side ends, and the other continues. */
export function halfClose(suite: Suite, connect: Connect): void {
  for (const [words, interest] of [
    ['READABLE alone', R],
    ['WRITABLE alone', W],
    ['both', RW],
  ] as const) {
    suite.test(`the end of the peer’s side is reported, with ${words}`, async (context) => {
      const { client, server } = await connect(context);
      context.register(client, T[0], interest);
      server.shutdown('write');
      const seen = await expectEvent(context, T[0], 'readClosed');
      assert.ok(seen.every((event) => !event.error && !event.writeClosed));
      assert.ok(seen.every((event) => !event.readable || interest !== W));
      await expectNoEvents(context);
    });
  }

  suite.test(
    'the end of the peer’s side is reported also while data is undrained',
    async (context) => {
      const { client, server } = await connect(context);
      context.register(client, T[0], R);
      writeAll(server, 'undrained');
      await expectEvent(context, T[0], 'readable');
      server.shutdown('write');
      await expectEvent(context, T[0], 'readClosed');
      await receiveText(context, client, 'undrained');
      assert.equal(client.read(new Uint8Array(1)), 0);
    },
  );

  suite.test('the end of the peer’s side is reported once', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    server.shutdown('write');
    await expectEvent(context, T[0], 'readable', 'readClosed');
    assert.equal(client.read(new Uint8Array(1)), 0);
    await expectNoEvents(context);
    assert.equal(client.read(new Uint8Array(1)), 0);
    await expectNoEvents(context);
  });

  suite.test('after the peer’s end, writing to it still works', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], RW);
    writeAll(server, 'question');
    server.shutdown('write');
    await expectEvent(context, T[0], 'readClosed');
    await receiveText(context, client, 'question');
    assert.equal(client.read(new Uint8Array(1)), 0);
    writeAll(client, 'answer');
    client.close();
    await receiveText(context, server, 'answer');
    context.register(server, T[1], R);
    await context.until('the end', () => server.read(new Uint8Array(1)) === 0);
  });

  suite.test(
    'after shutting down writing, reading works, and write throws EPIPE',
    async (context) => {
      const { client, server } = await connect(context);
      writeAll(client, 'request');
      client.shutdown('write');
      expectCode(() => client.write(bytes('more')), 'EPIPE');
      expectCode(() => client.writev([bytes('more')]), 'EPIPE');
      await receiveText(context, server, 'request');
      writeAll(server, 'response');
      await receiveText(context, client, 'response');
      assert.equal(client.read(new Uint8Array(1)), WouldBlock);
      context.register(server, T[1], R);
      await context.until('the end', () => server.read(new Uint8Array(1)) === 0);
    },
  );

  suite.test('many bytes and the end right behind them arrive in order', async (context) => {
    const { client, server } = await connect(context);
    const data = new Uint8Array(MIB).fill(7);
    context.register(client, T[0], W);
    context.register(server, T[1], R);
    let sent = 0;
    let received = 0;
    await context.until('a MiB and the end arrive', () => {
      while (sent < data.length) {
        const size = client.write(data, sent);
        if (size === WouldBlock) break;
        sent += size;
        if (sent === data.length) client.shutdown('write');
      }
      const part = drain(server);
      received += part.data.length;
      return part.ended;
    });
    assert.equal(received, data.length);
  });

  suite.test('a server echoes everything to a client that half-closes', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    context.register(server, T[1], R);
    writeAll(client, 'echo me');
    client.shutdown('write');
    await context.until('the server reads the end', () => {
      const { data, ended } = drain(server);
      if (data.length > 0) writeAll(server, data);
      return ended;
    });
    server.close();
    let text = '';
    await context.until('the client reads the end', () => {
      const { data, ended } = drain(client);
      text += Buffer.from(data).toString();
      return ended;
    });
    assert.equal(text, 'echo me');
  });

  suite.test(
    'after shutting down reading, a read returns the received data, then 0',
    async (context) => {
      const { client, server } = await connect(context);
      writeAll(server, 'here');
      await arrival(context, client, 4);
      client.shutdown('read');
      await receiveText(context, client, 'here');
      assert.equal(client.read(new Uint8Array(1)), 0);
      writeAll(client, 'still writes');
      await receiveText(context, server, 'still writes');
    },
  );

  suite.test('shutting down reading is reported as readClosed', async (context) => {
    const { client } = await connect(context);
    context.register(client, T[0], R);
    client.shutdown('read');
    await expectEvent(context, T[0], 'readable', 'readClosed');
    assert.equal(client.read(new Uint8Array(1)), 0);
  });

  suite.test('shutting down both sides is reported as both closed', async (context) => {
    const { client } = await connect(context);
    context.register(client, T[0], RW);
    client.shutdown('both');
    await expectEvent(context, T[0], 'readClosed', 'writeClosed');
    assert.equal(client.read(new Uint8Array(1)), 0);
    expectCode(() => client.write(new Uint8Array(1)), 'EPIPE');
  });

  suite.test('once both sides have ended, both are reported closed', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    client.shutdown('write');
    server.shutdown('write');
    await expectEvent(context, T[0], 'readClosed', 'writeClosed');
  });

  suite.test(
    'shutting down twice has no effect, and an invalid side is a TypeError',
    async (context) => {
      const { client } = await connect(context);
      client.shutdown('write');
      client.shutdown('write');
      client.shutdown('both');
      assert.throws(() => client.shutdown('sideways' as 'both'), TypeError);
    },
  );

  const { closeBehindBacklog } = suite.client.supports;
  suite.testIf(
    closeBehindBacklog,
    'closeBehindBacklog',
    'the end is reported also behind much unread data',
    async (context) => {
      const { client, server } = await connect(context);
      context.register(client, T[0], R);
      writeAll(server, new Uint8Array(40_000));
      await expectEvent(context, T[0], 'readable');
      server.shutdown('write');
      await expectEvent(context, T[0], 'readClosed');
      assert.equal((await receive(context, client, 40_000)).length, 40_000);
      assert.equal(client.read(new Uint8Array(1)), 0);
    },
  );
  suite.test('the end is reported once the data before it is read', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    const size = fill(server);
    server.shutdown('write');
    let received = 0;
    await context.until('the end', () => {
      const { data, ended } = drain(client);
      received += data.length;
      return ended;
    });
    assert.equal(received, size);
  });
}
