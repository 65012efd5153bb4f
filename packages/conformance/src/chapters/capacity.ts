import assert from 'node:assert/strict';
import { Events, Token, WouldBlock } from '@evloop/core';
import { drain, writeAll } from '../bytes.ts';
import type { Context } from '../context.ts';
import { expectNothingNow } from '../expect-events.ts';
import { R, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';
import { UserSource } from '../user-source.ts';

/** More is ready than `Events` holds: nothing is lost, doubled or starved. */
export function capacity(suite: Suite): void {
  suite.test('5 ready streams and a capacity of 2 make 2, 2, 1 and 0', async (context) => {
    const listener = await context.listen();
    for (let i = 0; i < 5; i++) {
      const { client } = await context.pair(listener);
      context.register(client, Token(i), W);
    }
    await fiveInTwos(context);
  });

  suite.test(
    '5 ready user-space sources and a capacity of 2 make 2, 2, 1 and 0',
    async (context) => {
      for (const source of userSources(context, 5)) source.readiness.set(R);
      await fiveInTwos(context);
    },
  );

  suite.test(
    '5 ready sources of both kinds and a capacity of 2 make 2, 2, 1 and 0',
    async (context) => {
      const listener = await context.listen();
      for (const source of userSources(context, 3)) source.readiness.set(R);
      for (let i = 3; i < 5; i++) {
        const { client } = await context.pair(listener);
        context.register(client, Token(i), W);
      }
      await fiveInTwos(context);
    },
  );

  suite.test('a capacity of 1 loses nothing', async (context) => {
    for (const source of userSources(context, 10)) source.readiness.set(R);
    const events = new Events(1);
    const tokens = new Set<number>();
    for (let i = 0; i < 10; i++) {
      assert.equal(await context.pollOnce(events, 0), 1);
      for (const event of events) tokens.add(event.token);
    }
    assert.equal(tokens.size, 10);
    assert.equal(await context.pollOnce(events, 0), 0);
  });

  suite.test('an event left for the next poll is merged with later readiness', async (context) => {
    const sources = userSources(context, 2, R | W);
    for (const source of sources) source.readiness.set(R);
    const events = new Events(1);
    assert.equal(await context.pollOnce(events, 0), 1);
    const later = sources[1 - (events.at(0)?.token as number)] as UserSource;
    later.readiness.set(W);
    assert.equal(await context.pollOnce(events, 0), 1);
    assert.ok(events.at(0)?.readable && events.at(0)?.writable);
    assert.equal(await context.pollOnce(events, 0), 0);
  });

  suite.test(
    'an event left for the next poll is withdrawn if its source is deregistered',
    async (context) => {
      const sources = userSources(context, 4);
      for (const source of sources) source.readiness.set(R);
      const events = new Events(1);
      await context.pollOnce(events, 0);
      for (const source of sources) source.close();
      await expectNothingNow(context);
    },
  );

  suite.test('a source that is always ready starves no other source', async (context) => {
    const sources = userSources(context, 100);
    for (const source of sources) source.readiness.set(R);
    const busy = sources[0] as UserSource;
    const served = new Set<number>();
    const events = new Events(4);
    for (let i = 0; served.size < 100 && i < 60; i++) {
      assert.ok((await context.pollOnce(events, context.timing.patienceMs)) > 0);
      for (const event of events) served.add(event.token);
      busy.readiness.clear(R);
      busy.readiness.set(R);
    }
    assert.equal(served.size, 100, 'after 60 polls of 4 each of 100 should have had its turn');
  });

  suite.test('user-space sources that are always ready starve no socket', async (context) => {
    const { client, server } = await context.pair();
    context.register(client, Token(100), R);
    const sources = userSources(context, 4);
    writeAll(server, 'x');
    const events = new Events(2);
    await context.until(
      'the socket has its turn',
      () => client.peek(new Uint8Array(1)) === 1,
      context.newPoll(),
    );
    let polls = 0;
    for (let found = false; !found; polls++) {
      assert.ok(polls < 50, 'in 50 polls');
      for (const source of sources) source.readiness.pulse(R);
      await context.pollOnce(events, 0);
      for (const event of events) if (event.token === 100) found = true;
    }
  });

  suite.test('sockets and user-space sources do not starve each other', async (context) => {
    const { client } = await context.pair();
    const source = context.own(new UserSource());
    context.register(client, T[0], W);
    context.register(source, T[1], R);
    const events = new Events(1);
    const seen = [0, 0];
    for (let i = 0; i < 40; i++) {
      source.readiness.clear(R);
      source.readiness.set(R);
      context.registry.reregister(client, T[0], W);
      await context.pollOnce(events, context.timing.patienceMs);
      for (const { token } of events) seen[token] = (seen[token] ?? 0) + 1;
    }
    assert.ok(Math.min(...seen) >= 5, `of 40 events, ${seen.join(' and ')}`);
  });

  suite.test('a flooding connection starves no other connection', async (context) => {
    const listener = await context.listen();
    const flood = await context.pair(listener);
    const others = [];
    for (let i = 0; i < 20; i++) others.push(await context.pair(listener));
    context.register(flood.server, Token(100), R);
    for (const [i, { server }] of others.entries()) context.register(server, Token(i), R);
    for (const { client } of others) writeAll(client, 'x');
    const events = new Events(2);
    const served = new Set<number>();
    const chunk = new Uint8Array(1024);
    const deadline = context.clock.now() + context.timing.patienceMs;
    while (served.size < others.length && context.clock.now() < deadline) {
      flood.client.write(chunk);
      await context.pollOnce(events, 1);
      for (const event of events) {
        if (event.token === 100) drain(flood.server);
        else served.add(event.token);
      }
    }
    assert.equal(served.size, others.length);
  });

  suite.test('32 short connections are all accepted and read to their end', async (context) => {
    const listener = await context.listen();
    context.register(listener, T[0], R);
    const clients = Array.from({ length: 32 }, () => context.connect(listener));
    for (const [i, client] of clients.entries()) context.register(client, Token(1000 + i), W);
    const open = new Map<
      number,
      { read(buffer: Uint8Array): number | WouldBlock; close(): void }
    >();
    const events = new Events(4);
    let next = 1;
    let ended = 0;
    const deadline = context.clock.now() + context.timing.patienceMs;
    while (ended < 32 && context.clock.now() < deadline) {
      await context.pollOnce(events, 50);
      for (const { token } of events) {
        if (token === 0) {
          for (let it = listener.accept(); it !== WouldBlock; it = listener.accept()) {
            context.register(context.own(it), Token(next), R);
            open.set(next++, it);
          }
        } else if (token >= 1000) {
          const client = clients[token - 1000];
          if (client?.finishConnect() === true) client.close();
        } else if (open.get(token)?.read(new Uint8Array(1)) === 0) {
          open.get(token)?.close();
          open.delete(token);
          ended++;
        }
      }
    }
    assert.equal(ended, 32);
    assert.equal(context.registry.size, 1);
  });
}

async function fiveInTwos(context: Context): Promise<void> {
  const events = new Events(2);
  const tokens: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < 4; i++) {
    counts.push(await context.pollOnce(events, 0));
    for (const event of events) tokens.push(event.token);
  }
  assert.deepEqual(counts, [2, 2, 1, 0]);
  assert.deepEqual(tokens.sort(), [0, 1, 2, 3, 4]);
}

function userSources(context: Context, count: number, interest = R): UserSource[] {
  return Array.from({ length: count }, (_, i) => {
    const source = context.own(new UserSource());
    context.register(source, Token(i), interest);
    return source;
  });
}
