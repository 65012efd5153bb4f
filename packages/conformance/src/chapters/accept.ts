import assert from 'node:assert/strict';
import { type TcpListener, type TcpStream, type Token, WouldBlock } from '@evloop/core';
import { drain, receiveText, writeAll } from '../bytes.ts';
import type { Context } from '../context.ts';
import { checkSystemError, expectCode } from '../expect-error.ts';
import { expectEvent, expectNoEvents, expectNothingNow } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

/** Listening and accepting. */
export function accept(suite: Suite): void {
  suite.test('a listener that binds port 0 has the port that the system chose', async (context) => {
    const listener = await context.listen('127.0.0.1:0');
    const address = listener.localAddr();
    assert.equal(address.address, '127.0.0.1');
    assert.equal(address.family, 'IPv4');
    assert.ok(address.port > 0);
    assert.equal(listener.takeError(), undefined);
  });

  suite.test(
    'a waiting connection makes the listener readable, and is accepted once',
    async (context) => {
      const listener = await context.listen();
      context.register(listener, T[0], R);
      const client = context.connect(listener);
      await expectEvent(context, T[0], 'readable');
      context.accept(listener);
      assert.equal(listener.accept(), WouldBlock);
      assert.equal(listener.takeError(), undefined);
      await context.until('it is connected', () => client.finishConnect() === true);
    },
  );

  suite.test(
    'an accepted stream is connected, has no data and is not registered',
    async (context) => {
      const { listener, client, server } = await context.pair();
      assert.equal(server.finishConnect(), true);
      assert.equal(server.read(new Uint8Array(1)), WouldBlock);
      assert.equal(server.takeError(), undefined);
      assert.deepEqual(server.localAddr(), listener.localAddr());
      assert.deepEqual(server.peerAddr(), client.localAddr());
      assert.deepEqual(client.peerAddr(), listener.localAddr());
      expectCode(() => context.registry.deregister(server), 'EVLOOP_NOT_REGISTERED');
    },
  );

  suite.test('a listener and a client on IPv6 work as on IPv4', async (context) => {
    const listener = await context.listen('[::1]:0');
    assert.equal(listener.localAddr().family, 'IPv6');
    const { client, server } = await context.pair(listener);
    assert.equal(client.peerAddr().address, '::1');
    assert.equal(server.peerAddr().family, 'IPv6');
    writeAll(client, 'six');
    await receiveText(context, server, 'six');
  });

  suite.test('an idle listener reports nothing, and is never writable', async (context) => {
    const listener = await context.listen();
    context.register(listener, T[0], RW);
    assert.equal(listener.accept(), WouldBlock);
    await expectNoEvents(context);
    context.connect(listener);
    const seen = await expectEvent(context, T[0], 'readable');
    assert.ok(seen.every((event) => !event.writable));
  });

  suite.test('one event is enough to accept all waiting connections', async (context) => {
    const listener = await context.listen();
    context.register(listener, T[0], R);
    const clients = Array.from({ length: 20 }, () => context.connect(listener));
    const ports = new Set<number>();
    while (ports.size < clients.length) {
      await expectEvent(context, T[0], 'readable');
      while (true) {
        const stream = listener.accept();
        if (stream === WouldBlock) break;
        ports.add(context.own(stream).peerAddr().port);
      }
    }
    await expectNoEvents(context);
  });

  suite.test('only WouldBlock re-arms a listener', async (context) => {
    const listener = await context.listen();
    context.register(listener, T[0], R);
    context.connect(listener);
    await expectEvent(context, T[0], 'readable');
    context.own(listener.accept() as TcpStream);
    await expectNoEvents(context);
    assert.equal(listener.accept(), WouldBlock);
    await expectNoEvents(context);
    context.connect(listener);
    await expectEvent(context, T[0], 'readable');
  });

  suite.test('accepting one of two connections makes no event for the other', async (context) => {
    const listener = await context.listen();
    const clients = [context.connect(listener), context.connect(listener)];
    const poll = context.newPoll();
    for (const client of clients) poll.registry.register(client, T[0], W);
    context.sharedTokens = true;
    const connected = (): boolean => clients.every((client) => client.finishConnect() === true);
    await context.until('both are connected', connected, poll);
    context.register(listener, T[1], R);
    await expectEvent(context, T[1], 'readable');
    while ((await context.wait(context.timing.quietMs)).length > 0);
    context.accept(listener);
    await expectNoEvents(context);
    context.accept(listener);
    await expectNoEvents(context);
    assert.equal(listener.accept(), WouldBlock);
  });

  suite.test('connections that arrived before registering are reported', async (context) => {
    const listener = await context.listen();
    await connected(context, listener);
    context.register(listener, T[1], R);
    await expectEvent(context, T[1], 'readable');
  });

  suite.test('deregistering loses no connection', async (context) => {
    const listener = await context.listen();
    context.register(listener, T[0], R);
    await connected(context, listener);
    context.registry.deregister(listener);
    await expectNoEvents(context);
    await context.until('it is accepted', () => {
      const stream = listener.accept();
      if (stream === WouldBlock) return false;
      context.own(stream);
      return true;
    });
    assert.equal(listener.accept(), WouldBlock);
  });

  suite.test('reregister gives a listener another token', async (context) => {
    const listener = await context.listen();
    context.register(listener, T[0], R);
    context.registry.reregister(listener, T[1], R);
    context.connect(listener);
    const seen = await expectEvent(context, T[1], 'readable');
    assert.ok(seen.every((event) => event.token === T[1]));
  });

  suite.test(
    'a client that has closed already is accepted, and read to its end',
    async (context) => {
      const listener = await context.listen();
      context.register(listener, T[0], R);
      const client = await connected(context, listener);
      writeAll(client, 'bye');
      client.close();
      await expectEvent(context, T[0], 'readable');
      const server = context.own(listener.accept() as TcpStream);
      context.register(server, T[1], R);
      let text = '';
      await context.until('the end is read', () => {
        const { data, ended } = drain(server);
        text += new TextDecoder().decode(data);
        return ended;
      });
      assert.equal(text, 'bye');
    },
  );

  suite.test('a taken port is EADDRINUSE, and is free after close', async (context) => {
    const listener = await context.listen();
    const { port } = listener.localAddr();
    const again = (): Promise<unknown> => context.listen(`127.0.0.1:${port}`);
    await assert.rejects(again, (error) => {
      checkSystemError(error, 'EADDRINUSE', (error as { syscall: string }).syscall);
      assert.equal((error as { port?: number }).port, port);
      return true;
    });
    listener.close();
    await again();
  });

  suite.test('closing a listener closes its unaccepted connections', async (context) => {
    const listener = await context.listen();
    const client = context.connect(listener);
    context.register(client, T[0], RW);
    await context.until('it is connected', () => client.finishConnect() === true);
    listener.close();
    const buffer = new Uint8Array(1);
    await context.until('the client learns of it', () => {
      try {
        return client.read(buffer) === 0;
      } catch (error) {
        return (error as { code?: unknown }).code === 'ECONNRESET';
      }
    });
  });

  suite.test('every operation of a closed listener throws EVLOOP_CLOSED', async (context) => {
    const listener = await context.listen();
    context.register(listener, T[0], R);
    listener.close();
    listener.close();
    for (const act of [
      () => listener.accept(),
      () => listener.localAddr(),
      () => listener.takeError(),
    ]) {
      expectCode(act, 'EVLOOP_CLOSED');
    }
    await expectNothingNow(context);
  });

  const { supports } = suite.server;
  suite.testIf(supports.tcpTtl, 'tcpTtl', 'the hop limit can be set and read', async (context) => {
    const listener = await context.listen();
    assert.ok(listener.ttl() > 0);
    listener.setTtl(10);
    assert.equal(listener.ttl(), 10);
    for (const hops of [0, 256, 1.5, Number.NaN]) {
      assert.throws(() => listener.setTtl(hops), RangeError);
    }
  });
  if (!supports.tcpTtl) {
    suite.test(
      'without supports.tcpTtl, the hop limit throws EVLOOP_UNSUPPORTED',
      async (context) => {
        const listener = await context.listen();
        expectCode(() => listener.ttl(), 'EVLOOP_UNSUPPORTED');
        expectCode(() => listener.setTtl(10), 'EVLOOP_UNSUPPORTED');
      },
    );
  }

  suite.testIf(
    supports.tcpReusePort,
    'tcpReusePort',
    'listeners with reusePort share an address, and each connection goes to one of them',
    async (context) => {
      const first = await context.listen('127.0.0.1:0', { socket: { reusePort: true } });
      const address = `127.0.0.1:${first.localAddr().port}`;
      const second = await context.listen(address, { socket: { reusePort: true } });
      assert.deepEqual(second.localAddr(), first.localAddr());
      await assert.rejects(async () => context.listen(address), { code: 'EADDRINUSE' });
      for (const [i, listener] of [first, second].entries())
        context.register(listener, T[i] as Token, R);
      const clients = Array.from({ length: 16 }, () => context.connect(address));
      let accepted = 0;
      await context.until('all are accepted', () => {
        for (const listener of [first, second]) {
          for (let it = listener.accept(); it !== WouldBlock; it = listener.accept()) {
            context.own(it);
            accepted++;
          }
        }
        return accepted === clients.length;
      });
    },
  );
  if (!supports.tcpReusePort) {
    suite.test(
      'without supports.tcpReusePort, reusePort throws EVLOOP_UNSUPPORTED',
      async (context) => {
        const socket = { reusePort: true };
        const bind = async (): Promise<unknown> => context.listen('127.0.0.1:0', { socket });
        await assert.rejects(bind, { code: 'EVLOOP_UNSUPPORTED' });
      },
    );
  }
}

/** Connects a client that waits to be accepted. It is not registered with the poll of the test. */
async function connected(context: Context, listener: TcpListener): Promise<TcpStream> {
  const client = context.connect(listener);
  const poll = context.newPoll();
  poll.registry.register(client, T[0], W);
  await context.until('it is connected', () => client.finishConnect() === true, poll);
  return client;
}
