import assert from 'node:assert/strict';
import { WouldBlock } from '@evloop/core';
import { arrival, bytes, drain, fill, receiveText, writeAll } from '../bytes.ts';
import { expectCode } from '../expect-error.ts';
import { expectEvent, expectNoEvents } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import { connectUnix, everyOperation, listenUnix, unixPair } from '../streams.ts';
import type { Suite } from '../suite.ts';

/**
 * Accepting, registering and closing Unix streams. The following chapters check what holds for
 * every stream.
 */
export function unixStreams(suite: Suite): void {
  suite.test('a client is reported, accepted and served', async (context) => {
    const listener = await listenUnix(context);
    context.register(listener, T[0], RW);
    await expectNoEvents(context);
    assert.equal(listener.accept(), WouldBlock);
    const client = connectUnix(context, listener.localAddr());
    const seen = await expectEvent(context, T[0], 'readable');
    assert.ok(seen.every((event) => !event.writable));
    const server = listener.accept();
    assert.ok(server !== WouldBlock);
    context.own(server);
    assert.equal(listener.accept(), WouldBlock);
    assert.equal(server.finishConnect(), true);
    writeAll(server, 'welcome');
    await receiveText(context, client, 'welcome');
    assert.equal(client.finishConnect(), true);
  });

  suite.test(
    'clients from before registering are reported, and all are accepted',
    async (context) => {
      const listener = await listenUnix(context);
      const path = listener.localAddr();
      const clients = Array.from({ length: 12 }, () => connectUnix(context, path));
      const poll = context.newPoll();
      for (const client of clients) poll.registry.register(client, T[1], W);
      context.sharedTokens = true;
      await context.until(
        'all are connected',
        () => clients.every((client) => client.finishConnect() === true),
        poll,
      );
      context.register(listener, T[0], R);
      let accepted = 0;
      await context.until('all are accepted', () => {
        for (let it = listener.accept(); it !== WouldBlock; it = listener.accept()) {
          context.own(it);
          accepted++;
        }
        return accepted === clients.length;
      });
      await expectNoEvents(context);
    },
  );

  suite.test('a connected stream is reported writable once', async (context) => {
    const { client } = await unixPair(context);
    context.register(client, T[0], R);
    await expectNoEvents(context);
    context.registry.reregister(client, T[1], W);
    const seen = await expectEvent(context, T[1], 'writable');
    assert.ok(seen.every((event) => !event.readable));
    await expectNoEvents(context);
  });

  suite.test('deregistered streams and listeners are not reported', async (context) => {
    const { listener, client, server } = await unixPair(context);
    context.register(listener, T[0], R);
    context.register(client, T[1], RW);
    context.registry.deregister(listener);
    context.registry.deregister(client);
    const another = connectUnix(context, listener.localAddr());
    writeAll(server, 'unheard');
    await arrival(context, client, 7);
    await expectNoEvents(context);
    context.register(listener, T[2], R);
    await expectEvent(context, T[2], 'readable');
    context.register(client, T[3], R);
    await expectEvent(context, T[3], 'readable');
    another.close();
  });

  suite.test(
    'after a close, the peer reads the end, and its write throws EPIPE',
    async (context) => {
      const { client, server } = await unixPair(context);
      context.register(client, T[0], RW);
      writeAll(server, 'last words');
      server.close();
      await expectEvent(context, T[0], 'readable', 'readClosed');
      await receiveText(context, client, 'last words');
      assert.equal(client.read(new Uint8Array(1)), 0);
      let code: unknown;
      await context.until('a write fails', () => {
        try {
          client.write(bytes('anybody there?'));
        } catch (error) {
          code = (error as { code?: unknown }).code;
        }
        return code !== undefined;
      });
      assert.ok(code === 'EPIPE' || code === 'ECONNRESET', String(code));
      expectCode(() => client.write(bytes('x')), 'EPIPE');
      assert.equal(client.finishConnect(), true);
    },
  );

  suite.test('closing a listener closes its unaccepted connections', async (context) => {
    const listener = await listenUnix(context);
    const client = connectUnix(context, listener.localAddr());
    context.register(client, T[0], RW);
    context.register(listener, T[1], R);
    await expectEvent(context, T[1], 'readable');
    await context.until('it is connected', () => client.finishConnect() === true);
    listener.close();
    await expectEvent(context, T[0], 'readClosed');
  });

  const resets = suite.server.supports.unixReset && suite.client.supports.unixReset;
  for (const [words, interest] of [
    ['READABLE alone', R],
    ['WRITABLE alone', W],
    ['both', RW],
  ] as const) {
    suite.testIf(
      resets,
      'unixReset',
      `closing with unread data is reported as error and closed, with ${words}`,
      async (context) => {
        const { listener, client, server } = await unixPair(context);
        context.register(client, T[0], interest);
        writeAll(client, 'unread');
        await arrival(context, server, 6);
        server.close();
        await expectEvent(context, T[0], 'error', 'readClosed', 'writeClosed');
        expectCode(() => client.read(new Uint8Array(1)), 'ECONNRESET');
        assert.equal(client.read(new Uint8Array(1)), 0);
        assert.equal(client.takeError(), undefined);
        expectCode(() => client.write(bytes('x')), 'EPIPE');
        assert.equal(client.peerAddr(), listener.localAddr());
      },
    );
  }

  suite.test(
    'bytes taken before a close with unread data arrive, or the peer gets an error',
    async (context) => {
      const { client, server } = await unixPair(context);
      writeAll(client, 'unread');
      await arrival(context, server, 6);
      const taken = fill(server);
      server.close();
      context.register(client, T[0], R);
      let received = 0;
      let failed = false;
      await context.until('the end or an error', () => {
        try {
          const { data, ended } = drain(client);
          received += data.length;
          return ended;
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, 'ECONNRESET');
          failed = true;
          return true;
        }
      });
      assert.ok(failed || received === taken, `${received} of ${taken} bytes, and no error`);
    },
  );

  suite.test(
    'every operation of closed streams and listeners throws EVLOOP_CLOSED',
    async (context) => {
      const { listener, client, server } = await unixPair(context);
      for (const source of [listener, client, server]) {
        source.close();
        source.close();
        source[Symbol.dispose]();
        expectCode(() => context.register(source, T[0], R), 'EVLOOP_CLOSED');
      }
      for (const act of [
        () => listener.accept(),
        () => listener.localAddr(),
        () => listener.takeError(),
        ...everyOperation(client),
        () => client.peerCredentials(),
      ]) {
        expectCode(act, 'EVLOOP_CLOSED');
      }
    },
  );
}
