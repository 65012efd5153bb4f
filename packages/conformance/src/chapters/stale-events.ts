import assert from 'node:assert/strict';
import { Events, type Source, type TcpStream, WouldBlock } from '@evloop/core';
import { arrival, writeAll } from '../bytes.ts';
import type { Context } from '../context.ts';
import { expectEvent, expectNoEvents } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';
import { UserSource } from '../user-source.ts';

/**
 * A source has an event in the current batch, and the program deregisters it before reading the
 * event.
 */
export function staleEvents(suite: Suite): void {
  for (const [what, letGo] of [
    ['deregistered', (context: Context, source: Source) => context.registry.deregister(source)],
    ['closed', (_: Context, source: TcpStream | UserSource) => source.close()],
    [
      'reregistered',
      (context: Context, source: Source) => context.registry.reregister(source, T[3], R),
    ],
  ] as const) {
    suite.test(
      `a stream that is ${what} within the batch yields nothing more in it`,
      async (context) => {
        const streams = [(await context.pair()).client, (await context.pair()).client];
        const events = await batchOfTwo(context, streams, W);
        const yielded: number[] = [];
        for (const event of events) {
          yielded.push(event.token);
          letGo(context, streams[1 - event.token] as TcpStream);
        }
        assert.equal(yielded.length, 1);
        assert.equal(events.length, 2);
        assert.ok([0, 1].some((i) => events.at(i) === undefined));
        await expectNoEvents(context);
      },
    );

    suite.test(
      `a user-space source that is ${what} within the batch yields nothing more in it`,
      async (context) => {
        const sources = [new UserSource(), new UserSource()];
        for (const source of sources) context.own(source).readiness.set(W);
        const events = await batchOfTwo(context, sources, W);
        const yielded: number[] = [];
        for (const event of events) {
          yielded.push(event.token);
          letGo(context, sources[1 - event.token] as UserSource);
        }
        assert.equal(yielded.length, 1);
      },
    );
  }

  suite.test('a token can be used again in the same batch', async (context) => {
    const { client } = await context.pair();
    const { client: other } = await context.pair();
    const { client: fresh } = await context.pair();
    const events = await batchOfTwo(context, [client, other], W);
    let seen = 0;
    for (const event of events) {
      seen++;
      const stale = event.token === T[0] ? other : client;
      const token = event.token === T[0] ? T[1] : T[0];
      stale.close();
      context.register(fresh, token, R);
    }
    assert.equal(seen, 1);
    await expectNoEvents(context);
  });

  suite.test(
    'a source that is registered again in the batch is reported by the next poll',
    async (context) => {
      const { client } = await context.pair();
      const { client: other } = await context.pair();
      const events = await batchOfTwo(context, [client, other], W);
      let again = 0;
      for (const event of events) {
        const later = event.token === T[0] ? other : client;
        context.registry.deregister(later);
        context.register(later, T[2], W);
        again++;
      }
      assert.equal(again, 1);
      await expectEvent(context, T[2], 'writable');
    },
  );

  suite.test('reregistering in the batch loses nothing', async (context) => {
    const { client, server } = await context.pair();
    writeAll(server, 'x');
    await arrival(context, client);
    const { client: other } = await context.pair();
    const events = await batchOfTwo(context, [client, other], RW);
    context.registry.reregister(client, T[2], R);
    assert.deepEqual(
      Array.from(events, (event) => event.token),
      [T[1]],
    );
    await expectEvent(context, T[2], 'readable');
  });

  suite.test('an event can become stale before the batch is read', async (context) => {
    const { client } = await context.pair();
    const { client: other } = await context.pair();
    const events = await batchOfTwo(context, [client, other], W);
    client.close();
    context.registry.deregister(other);
    assert.deepEqual([...events], []);
    assert.equal(events.at(0), undefined);
    assert.equal(events.at(1), undefined);
  });

  suite.test(
    'a ready source that is deregistered before the poll is not reported',
    async (context) => {
      const { listener, client, server } = await context.pair();
      context.register(client, T[0], RW);
      context.register(server, T[1], RW);
      context.connect(listener);
      context.register(listener, T[2], R);
      await arrivalAt(context);
      context.registry.deregister(client);
      server.close();
      listener.close();
      await expectNoEvents(context);
    },
  );

  suite.test('a closed listener is not reported, although a connection waited', async (context) => {
    const listener = await context.listen();
    context.register(listener, T[0], R);
    context.connect(listener);
    await arrivalAt(context);
    listener.close();
    await expectNoEvents(context);
  });

  suite.test('closing and opening many streams in a batch mixes up no events', async (context) => {
    const listener = await context.listen();
    for (let round = 0; round < 10; round++) {
      const { client, server } = await context.pair(listener);
      const next = await context.pair(listener);
      const events = await batchOfTwo(context, [client, server], W);
      client.close();
      context.register(next.client, T[0], R);
      const tokens = Array.from(events, (event) => event.token);
      assert.deepEqual(tokens, [T[1]]);
      writeAll(next.server, 'x');
      await expectEvent(context, T[0], 'readable');
      assert.equal(next.client.read(new Uint8Array(4)), 1);
      assert.equal(next.client.read(new Uint8Array(4)), WouldBlock);
      for (const stream of [server, next.client, next.server]) stream.close();
    }
  });

  /**
   * Registers two ready sources under the first two tokens, and polls until both are in one batch.
   */
  async function batchOfTwo(
    context: Context,
    sources: readonly Source[],
    interest: number,
  ): Promise<Events> {
    const events = new Events(8);
    for (const [i, source] of sources.entries())
      context.register(source, i === 0 ? T[0] : T[1], interest);
    assert.equal(await context.pollOnce(events, context.timing.patienceMs), 2);
    return events;
  }

  /** Gives data under way the time to arrive, without polling the test's poll. */
  async function arrivalAt(context: Context): Promise<void> {
    const poll = context.newPoll();
    await context.wait(context.timing.quietMs, poll);
  }
}
