import assert from 'node:assert/strict';
import type { Interest, Registry, Source, Token } from '@evloop/core';
import { expectCode } from '../expect-error.ts';
import { expectEvent, expectEvents, expectNoEvents } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

/** A program's own source that delegates to another one. */
class Delegating implements Source {
  readonly inner: Source;

  constructor(inner: Source) {
    this.inner = inner;
  }
  register(registry: Registry, token: Token, interest: Interest): void {
    this.inner.register(registry, token, interest);
  }
  reregister(registry: Registry, token: Token, interest: Interest): void {
    this.inner.reregister(registry, token, interest);
  }
  deregister(registry: Registry): void {
    this.inner.deregister(registry);
  }
}

/** Records its calls, and throws on demand. */
class Recording implements Source {
  readonly calls: unknown[][] = [];
  failure: Error | undefined;

  register(...call: unknown[]): void {
    this.#record('register', ...call);
  }
  reregister(...call: unknown[]): void {
    this.#record('reregister', ...call);
  }
  deregister(...call: unknown[]): void {
    this.#record('deregister', ...call);
  }
  #record(...call: unknown[]): void {
    this.calls.push(call);
    if (this.failure !== undefined) throw this.failure;
  }
}

/** Programs can implement `Source`. */
export function customSources(suite: Suite): void {
  suite.test('a source may delegate to another', async (context) => {
    const { client } = await context.pair();
    const source = new Delegating(client);
    context.register(source, T[0], W);
    await expectEvent(context, T[0], 'writable');
    context.registry.reregister(source, T[1], RW);
    await expectEvent(context, T[1], 'writable');
    assert.equal(context.registry.size, 1);
    context.registry.deregister(source);
    assert.equal(context.registry.size, 0);
    await expectNoEvents(context);
  });

  suite.test('a source may delegate to several', async (context) => {
    const [one, two] = [await context.pair(), await context.pair()];
    const first = new Delegating(one.client);
    const second = new Delegating(two.client);
    context.register(first, T[0], W);
    context.register(second, T[1], W);
    await expectEvents(context, [
      { token: T[0], writable: true },
      { token: T[1], writable: true },
    ]);
  });

  suite.test('the inner source of a delegating source counts as registered', async (context) => {
    const { client } = await context.pair();
    context.register(new Delegating(client), T[0], W);
    expectCode(() => context.register(client, T[1], R), 'EVLOOP_ALREADY_REGISTERED');
    const again = (): void => context.register(new Delegating(client), T[1], R);
    expectCode(again, 'EVLOOP_ALREADY_REGISTERED');
    await expectEvent(context, T[0], 'writable');
  });

  suite.test(
    'each call of the registry makes one call of the source, with the same arguments',
    (context) => {
      const source = new Recording();
      const { registry } = context;
      registry.register(source, T[1], R);
      registry.reregister(source, T[2], W);
      registry.deregister(source);
      assert.deepEqual(source.calls, [
        ['register', registry, T[1], R],
        ['reregister', registry, T[2], W],
        ['deregister', registry],
      ]);
    },
  );

  suite.test('the registry checks the arguments before it calls the source', (context) => {
    const source = new Recording();
    const other = context.newPoll().registry;
    const { registry } = context;
    expectCode(() => registry.reregister(source, T[0], R), 'EVLOOP_NOT_REGISTERED');
    expectCode(() => registry.deregister(source), 'EVLOOP_NOT_REGISTERED');
    assert.throws(() => registry.register(source, T[0], 0), RangeError);
    assert.equal(source.calls.length, 0);
    registry.register(source, T[0], R);
    expectCode(() => registry.register(source, T[0], R), 'EVLOOP_ALREADY_REGISTERED');
    expectCode(() => other.register(source, T[0], R), 'EVLOOP_ALREADY_REGISTERED');
    expectCode(() => other.reregister(source, T[0], R), 'EVLOOP_WRONG_REGISTRY');
    expectCode(() => other.deregister(source), 'EVLOOP_WRONG_REGISTRY');
    assert.equal(source.calls.length, 1);
  });

  suite.test('an error of the source passes unchanged, and the registration remains', (context) => {
    const source = new Recording();
    const { registry } = context;
    const failing = (act: () => void): void => {
      const failure = new Error('the source refuses');
      source.failure = failure;
      assert.throws(act, (error) => error === failure);
      source.failure = undefined;
    };
    failing(() => registry.register(source, T[0], R));
    assert.equal(registry.size, 0);
    expectCode(() => registry.deregister(source), 'EVLOOP_NOT_REGISTERED');
    registry.register(source, T[0], R);
    failing(() => registry.reregister(source, T[1], W));
    failing(() => registry.deregister(source));
    assert.equal(registry.size, 1);
    registry.reregister(source, T[1], W);
    registry.deregister(source);
    assert.equal(registry.size, 0);
  });

  suite.test(
    'a delegating source whose inner source is closed can be deregistered',
    async (context) => {
      const { client } = await context.pair();
      const source = new Delegating(client);
      context.register(source, T[0], W);
      client.close();
      expectCode(() => context.registry.deregister(source), 'EVLOOP_CLOSED');
      assert.equal(context.registry.size, 0);
      await expectNoEvents(context);
    },
  );
}
