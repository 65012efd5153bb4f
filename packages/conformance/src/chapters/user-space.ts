import assert from 'node:assert/strict';
import {
  Events,
  Interest,
  Readiness,
  Ready,
  type Registry,
  type Source,
  type Token,
  WouldBlock,
} from '@evloop/core';
import { registrationOf } from '@evloop/core/backend';
import type { Context } from '../context.ts';
import { expectCode } from '../expect-error.ts';
import { expectEvent, expectEvents, expectNoEvents, expectNothingNow } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';
import { UserSource } from '../user-source.ts';

const { READABLE, WRITABLE, ERROR, READ_CLOSED, WRITE_CLOSED } = Ready;

/**
 * Readiness without a descriptor: a source itself says when it is ready, on the poll of every
 * backend.
 */
export function userSpace(suite: Suite): void {
  suite.test('a channel of the program works like a socket', async (context) => {
    const channel = new Channel();
    context.register(channel, T[0], R);
    await expectNothingNow(context);
    for (const text of ['one', 'two']) {
      channel.send(text);
      channel.send('more');
      await expectEvent(context, T[0], 'readable');
      assert.equal(channel.receive(), text);
      await expectNothingNow(context);
      assert.equal(channel.receive(), 'more');
      assert.equal(channel.receive(), WouldBlock);
      await expectNothingNow(context);
    }
  });

  suite.test('several changes before a poll are one event', async (context) => {
    const source = registered(context, RW);
    source.readiness.set(READABLE);
    source.readiness.set(WRITABLE);
    source.readiness.set(ERROR);
    const seen = await context.wait(0);
    assert.equal(seen.length, 1);
    assert.ok(seen[0]?.readable && seen[0].writable && seen[0].error);
    assert.ok(!seen[0].readClosed && !seen[0].writeClosed && !seen[0].priority);
  });

  suite.test('readiness right after a poll is not lost', async (context) => {
    const source = registered(context, RW);
    source.readiness.set(READABLE);
    const events = new Events(4);
    assert.equal(await context.pollDirectly(events, context.timing.patienceMs), 1);
    source.readiness.set(WRITABLE);
    await context.turn();
    await expectEvent(context, T[0], 'writable');
  });

  suite.test('setting a condition again makes no new edge', async (context) => {
    const source = registered(context, R);
    source.readiness.set(READABLE);
    await expectEvent(context, T[0], 'readable');
    for (let i = 0; i < 3; i++) source.readiness.set(READABLE);
    await expectNothingNow(context);
  });

  suite.test('clearing arms only its own direction', async (context) => {
    const source = registered(context, RW);
    source.readiness.set(READABLE | WRITABLE);
    await expectEvent(context, T[0], 'readable', 'writable');
    source.readiness.clear(READABLE);
    await expectNothingNow(context);
    source.readiness.set(READABLE | WRITABLE);
    const seen = await expectEvent(context, T[0], 'readable');
    assert.ok(seen.every((event) => !event.writable));
  });

  suite.test(
    'a condition that is set and cleared before a poll is not reported',
    async (context) => {
      const source = registered(context, R);
      source.readiness.set(READABLE);
      source.readiness.clear(READABLE);
      await expectNothingNow(context);
      source.readiness.set(READABLE);
      await expectEvent(context, T[0], 'readable');
    },
  );

  suite.test('a condition is reported once the interest includes it', async (context) => {
    const source = registered(context, W);
    source.readiness.set(READABLE);
    await expectNothingNow(context);
    context.registry.reregister(source, T[1], R);
    await expectEvent(context, T[1], 'readable');
  });

  suite.test(
    'error and close are reported once each, whatever the interest is',
    async (context) => {
      const source = registered(context, R);
      source.readiness.set(READ_CLOSED);
      await expectEvent(context, T[0], 'readClosed');
      source.readiness.set(ERROR | READ_CLOSED | WRITE_CLOSED);
      const [event] = await context.wait(0);
      assert.ok(event?.error && event.writeClosed && !event.readClosed && !event.readable);
      source.readiness.set(ERROR | READ_CLOSED | WRITE_CLOSED);
      await expectNothingNow(context);
    },
  );

  suite.test('PRIORITY works like the other bits', async (context) => {
    const source = registered(context, R | Interest.PRIORITY);
    source.readiness.set(Ready.PRIORITY);
    await expectEvent(context, T[0], 'priority');
  });

  suite.test('each pulse is reported, and sets no condition', async (context) => {
    const source = registered(context, R);
    for (let i = 0; i < 3; i++) {
      source.readiness.pulse(READABLE);
      source.readiness.pulse(READABLE);
      assert.equal((await context.wait(0)).length, 1);
      await expectNothingNow(context);
    }
    assert.equal(source.readiness.condition, 0);
    context.registry.reregister(source, T[0], R);
    await expectNothingNow(context);
  });

  suite.test('registering reports an earlier condition, but no earlier pulse', async (context) => {
    const source = context.own(new UserSource());
    source.readiness.pulse(WRITABLE);
    source.readiness.set(READABLE);
    context.register(source, T[0], RW);
    const seen = await expectEvent(context, T[0], 'readable');
    assert.ok(seen.every((event) => !event.writable));
  });

  suite.test(
    'reregister withdraws unwanted readiness, and reports current readiness again',
    async (context) => {
      const source = registered(context, RW);
      source.readiness.set(READABLE | WRITABLE);
      context.registry.reregister(source, T[1], W);
      const seen = await expectEvent(context, T[1], 'writable');
      assert.ok(seen.every((event) => !event.readable));
      context.registry.reregister(source, T[1], W);
      await expectEvent(context, T[1], 'writable');
      await expectNothingNow(context);
    },
  );

  suite.test(
    'deregister withdraws readiness, and registering again reports it',
    async (context) => {
      const source = registered(context, R);
      source.readiness.set(READABLE);
      context.registry.deregister(source);
      await expectNothingNow(context);
      context.register(source, T[1], R);
      await expectEvent(context, T[1], 'readable');
    },
  );

  suite.test('a closed source reports nothing', async (context) => {
    const source = registered(context, R);
    source.readiness.set(READABLE);
    source.close();
    source.readiness.set(READABLE | ERROR);
    source.readiness.pulse(READABLE);
    await expectNothingNow(context);
    expectCode(() => context.register(source, T[0], R), 'EVLOOP_CLOSED');
    expectCode(() => source.readiness.checkOpen(), 'EVLOOP_CLOSED');
  });

  suite.test('sockets and user-space sources are reported in one batch', async (context) => {
    const { client } = await context.pair();
    const source = registered(context, R);
    source.readiness.set(READABLE);
    context.register(client, T[1], W);
    await expectEvents(context, [
      { token: T[0], readable: true },
      { token: T[1], writable: true },
    ]);
    await expectNoEvents(context);
  });
}

/** The example from the documentation of `Readiness`. */
class Channel implements Source {
  readonly #queue: string[] = [];
  readonly #readiness = new Readiness(this);

  get [registrationOf](): Readiness {
    return this.#readiness;
  }
  register(registry: Registry, token: Token, interest: Interest): void {
    this.#readiness.register(registry, token, interest);
  }
  reregister(registry: Registry, token: Token, interest: Interest): void {
    this.#readiness.reregister(registry, token, interest);
  }
  deregister(registry: Registry): void {
    this.#readiness.deregister(registry);
  }
  send(item: string): void {
    this.#queue.push(item);
    this.#readiness.set(Ready.READABLE);
  }
  receive(): string | WouldBlock {
    const item = this.#queue.shift();
    if (item !== undefined) return item;
    this.#readiness.clear(Ready.READABLE);
    return WouldBlock;
  }
}

function registered(context: Context, interest: Interest, token: Token = T[0]): UserSource {
  const source = context.own(new UserSource());
  context.register(source, token, interest);
  return source;
}
