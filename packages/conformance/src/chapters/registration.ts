import assert from 'node:assert/strict';
import type { Interest, Source, Token } from '@evloop/core';
import { arrival, writeAll } from '../bytes.ts';
import { expectCode } from '../expect-error.ts';
import { expectEvent, expectNoEvents, expectNothingNow } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

/**
 * Registering, reregistering, deregistering: what each reports, and that a failure changes nothing.
 */
export function registration(suite: Suite): void {
  suite.test('registering reports current readiness', async (context) => {
    const { client } = await context.pair();
    context.register(client, T[0], RW);
    await expectEvent(context, T[0], 'writable');
  });

  suite.test('registering an idle source reports nothing', async (context) => {
    const { listener, client } = await context.pair();
    context.register(listener, T[0], R);
    context.register(client, T[1], R);
    await expectNoEvents(context);
  });

  suite.test('registering twice throws, and the first registration remains', async (context) => {
    const { client } = await context.pair();
    context.register(client, T[0], W);
    expectCode(() => context.register(client, T[1], R), 'EVLOOP_ALREADY_REGISTERED');
    assert.equal(context.registry.size, 1);
    await expectEvent(context, T[0], 'writable');
    await expectNoEvents(context);
  });

  suite.test(
    'registering with a second poll throws, and the first registration remains',
    async (context) => {
      const { listener, client } = await context.pair();
      const other = context.newPoll();
      for (const [source, token] of [
        [listener, T[0]],
        [client, T[1]],
      ] as const) {
        context.register(source, token, RW);
        const again = (): void => other.registry.register(source, token, RW);
        expectCode(again, 'EVLOOP_ALREADY_REGISTERED');
      }
      assert.equal(other.registry.size, 0);
      await expectEvent(context, T[1], 'writable');
      context.registry.reregister(client, T[2], W);
      await expectEvent(context, T[2], 'writable');
      context.registry.deregister(client);
      other.registry.register(client, T[3], W);
      assert.equal((await context.wait(context.timing.patienceMs, other))[0]?.token, T[3]);
    },
  );

  suite.test(
    'reregister and deregister throw for a source that is not registered',
    async (context) => {
      const { listener, client } = await context.pair();
      for (const source of [listener, client]) {
        expectCode(() => context.registry.reregister(source, T[0], R), 'EVLOOP_NOT_REGISTERED');
        expectCode(() => context.registry.deregister(source), 'EVLOOP_NOT_REGISTERED');
      }
      context.register(client, T[0], W);
      await expectEvent(context, T[0], 'writable');
    },
  );

  suite.test('deregistering twice throws', async (context) => {
    const { client } = await context.pair();
    context.register(client, T[0], R);
    context.registry.deregister(client);
    expectCode(() => context.registry.deregister(client), 'EVLOOP_NOT_REGISTERED');
  });

  suite.test(
    'a call through the wrong registry throws, and the registration remains',
    async (context) => {
      const { client } = await context.pair();
      const other = context.newPoll();
      context.register(client, T[0], W);
      const foreign = other.registry;
      expectCode(() => foreign.reregister(client, T[1], R), 'EVLOOP_WRONG_REGISTRY');
      expectCode(() => foreign.deregister(client), 'EVLOOP_WRONG_REGISTRY');
      await expectEvent(context, T[0], 'writable');
      context.registry.deregister(client);
    },
  );

  suite.test('a closed source cannot be registered', async (context) => {
    const { listener, client } = await context.pair();
    for (const source of [listener, client]) {
      source.close();
      expectCode(() => context.register(source, T[0], R), 'EVLOOP_CLOSED');
      expectCode(() => context.registry.reregister(source, T[0], R), 'EVLOOP_CLOSED');
      expectCode(() => context.registry.deregister(source), 'EVLOOP_CLOSED');
    }
    assert.equal(context.registry.size, 0);
  });

  suite.test('closing a source deregisters it', async (context) => {
    const { listener, client } = await context.pair();
    context.register(listener, T[0], R);
    context.register(client, T[1], RW);
    assert.equal(context.registry.size, 2);
    client.close();
    assert.equal(context.registry.size, 1);
    listener.close();
    assert.equal(context.registry.size, 0);
    await expectNoEvents(context);
  });

  suite.test('invalid arguments throw, and change nothing', async (context) => {
    const { client } = await context.pair();
    const { registry } = context;
    const wrong = (call: (source: Source, token: Token, interest: Interest) => void): void => {
      for (const interest of [0, 8, -1, 1.5, Number.NaN, 2 ** 32 + 1, '1', undefined]) {
        assert.throws(() => call(client, T[0], interest as number), RangeError);
      }
      for (const token of [-1, 1.5, Number.NaN, '1', undefined]) {
        assert.throws(() => call(client, token as Token, R), RangeError);
      }
      for (const source of [undefined, null, 1, {}, { register() {} }]) {
        assert.throws(() => call(source as unknown as Source, T[0], R), TypeError);
      }
    };
    wrong((...all) => registry.register(...all));
    assert.equal(registry.size, 0);
    registry.register(client, T[3], W);
    wrong((...all) => registry.reregister(...all));
    assert.throws(() => registry.deregister({} as Source), TypeError);
    await expectEvent(context, T[3], 'writable');
  });

  suite.test('reregister replaces token and interest as a whole', async (context) => {
    const { client, server } = await context.pair();
    context.register(client, T[0], R);
    context.registry.reregister(client, T[0], R);
    await expectNoEvents(context);
    context.registry.reregister(client, T[1], W);
    const seen = await expectEvent(context, T[1], 'writable');
    assert.ok(seen.every((event) => event.token === T[1]));
    writeAll(server, 'x');
    await arrival(context, client);
    const later = await context.wait(context.timing.quietMs);
    assert.ok(later.every((event) => event.token === T[1] && !event.readable));
  });

  suite.test(
    'reregister with the same arguments reports current readiness again',
    async (context) => {
      const { client, server } = await context.pair();
      context.register(client, T[0], RW);
      await expectEvent(context, T[0], 'writable');
      context.registry.reregister(client, T[0], RW);
      await expectEvent(context, T[0], 'writable');
      writeAll(server, 'x');
      await expectEvent(context, T[0], 'readable');
      context.registry.reregister(client, T[0], RW);
      await expectEvent(context, T[0], 'readable', 'writable');
      context.registry.reregister(client, T[0], R);
      const seen = await expectEvent(context, T[0], 'readable');
      assert.ok(seen.every((event) => !event.writable));
    },
  );

  suite.test(
    'reregister withdraws readiness that is no longer in the interest',
    async (context) => {
      const { listener, client } = await context.pair();
      context.register(client, T[0], W);
      context.registry.reregister(client, T[0], R);
      await expectNoEvents(context);
      context.register(listener, T[1], R);
      const second = context.connect(listener);
      const other = context.newPoll();
      other.registry.register(second, T[2], W);
      await context.until('the second is connected', () => second.finishConnect() === true, other);
      context.registry.reregister(listener, T[1], W);
      await expectNoEvents(context);
      context.registry.reregister(listener, T[1], R);
      await expectEvent(context, T[1], 'readable');
    },
  );

  suite.test('registering again reports data that arrived meanwhile', async (context) => {
    const { client, server } = await context.pair();
    context.register(client, T[0], R);
    context.registry.deregister(client);
    writeAll(server, 'x');
    await arrival(context, client);
    await expectNoEvents(context);
    context.register(client, T[1], R);
    await expectEvent(context, T[1], 'readable');
  });

  suite.test('registering an idle source again reports nothing', async (context) => {
    const listener = await context.listen();
    context.register(listener, T[0], R);
    context.registry.deregister(listener);
    context.register(listener, T[0], R);
    await expectNoEvents(context);
  });

  suite.test('two sources may share a token, and each yields its own event', async (context) => {
    const [one, two] = [await context.pair(), await context.pair()];
    context.sharedTokens = true;
    context.register(one.client, T[0], W);
    context.register(two.client, T[0], W);
    const seen = await context.wait(context.timing.patienceMs);
    assert.deepEqual(
      seen.map((event) => event.token),
      [0, 0],
    );
  });

  suite.test('a source can move from one poll to another', async (context) => {
    const { client } = await context.pair();
    const other = context.newPoll();
    context.register(client, T[0], W);
    context.registry.deregister(client);
    other.registry.register(client, T[1], W);
    await expectNothingNow(context);
    assert.deepEqual((await context.wait(context.timing.patienceMs, other))[0]?.token, T[1]);
  });

  suite.test('registry.size is the number of registered sources', async (context) => {
    const { listener, client, server } = await context.pair();
    const sizes = [context.registry.size];
    for (const source of [listener, client, server]) {
      context.register(source, T[0], R);
      sizes.push(context.registry.size);
    }
    context.registry.deregister(client);
    sizes.push(context.registry.size);
    server.close();
    sizes.push(context.registry.size);
    assert.deepEqual(sizes, [0, 1, 2, 3, 2, 1]);
  });
}
