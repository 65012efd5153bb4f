import assert from 'node:assert/strict';
import { Events, type Token, Waker } from '@evloop/core';
import type { Context } from '../context.ts';
import { expectCode } from '../expect-error.ts';
import { expectEvent, expectEvents, expectNoEvents, expectNothingNow } from '../expect-events.ts';
import { T } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

/** Waking a poll from code beside it. */
export function waker(suite: Suite): void {
  suite.test('a wake before the poll is not lost', async (context) => {
    const waker = context.own(new Waker(context.registry, T[1]));
    waker.wake();
    const seen = await expectEvent(context, T[1], 'readable');
    assert.deepEqual(seen, [
      {
        token: T[1],
        readable: true,
        writable: false,
        error: false,
        readClosed: false,
        writeClosed: false,
        priority: false,
      },
    ]);
    await expectNoEvents(context);
  });

  suite.test('a wake ends a pending poll', async (context) => {
    const waker = context.own(new Waker(context.registry, T[1]));
    const events = new Events(4);
    const polled = context.poll.poll(events, null);
    await context.turn();
    waker.wake();
    assert.equal(await context.within('the wake ends the poll', polled), 1);
    assert.equal(events.at(0)?.token, T[1]);
    await expectNothingNow(context);
  });

  suite.test('several wakes before a poll are one event', async (context) => {
    const waker = context.own(new Waker(context.registry, T[1]));
    for (let i = 0; i < 3; i++) waker.wake();
    assert.equal((await context.wait(context.timing.patienceMs)).length, 1);
    await expectNothingNow(context);
  });

  suite.test('each wake after a poll is a new event, without any read', async (context) => {
    const waker = context.own(new Waker(context.registry, T[1]));
    for (let i = 0; i < 10; i++) {
      waker.wake();
      assert.equal((await context.wait(context.timing.patienceMs)).length, 1);
    }
    await expectNothingNow(context);
  });

  suite.test('a poll that is woken again and again yields every wake', async (context) => {
    const waker = context.own(new Waker(context.registry, T[1]));
    for (let i = 0; i < 100; i++) {
      const polled = context.poll.poll(new Events(1), null);
      if (i % 2 === 0) await Promise.resolve();
      if (i % 10 === 0) await context.turn();
      waker.wake();
      assert.equal(await context.within('the wake ends the poll', polled), 1);
    }
  });

  for (const [when, next] of [
    ['at once', async (_context: Context) => {}],
    ['a turn later', (context: Context) => context.turn()],
  ] as const) {
    suite.test(
      `a wake right after a poll is not lost, if the program polls ${when}`,
      async (context) => {
        const waker = context.own(new Waker(context.registry, T[1]));
        const events = new Events(4);
        waker.wake();
        assert.equal(await context.pollDirectly(events, context.timing.patienceMs), 1);
        waker.wake();
        await next(context);
        await expectEvent(context, T[1], 'readable');
        // The same after a poll that has waited.
        assert.equal(await context.pollDirectly(events, 1), 0);
        waker.wake();
        await next(context);
        await expectEvent(context, T[1], 'readable');
      },
    );
  }

  suite.test('a poll can have several wakers, each with its own token', async (context) => {
    const wakers = [T[1], T[2], T[3]].map((token) =>
      context.own(new Waker(context.registry, token)),
    );
    wakers[0]?.wake();
    wakers[2]?.wake();
    const seen = await expectEvents(context, [
      { token: T[1], readable: true },
      { token: T[3], readable: true },
    ]);
    assert.equal(seen.length, 2);
    wakers[1]?.wake();
    await expectEvent(context, T[2], 'readable');
  });

  suite.test('a waker wakes only its own poll', async (context) => {
    const other = context.newPoll();
    const mine = context.own(new Waker(context.registry, T[1]));
    const theirs = context.own(new Waker(other.registry, T[2]));
    theirs.wake();
    await expectNothingNow(context);
    assert.equal((await context.wait(context.timing.patienceMs, other))[0]?.token, T[2]);
    mine.wake();
    await expectNothingNow(context, other);
    await expectEvent(context, T[1], 'readable');
  });

  suite.test('closing a waker drops its unreported wake', async (context) => {
    const waker = new Waker(context.registry, T[1]);
    waker.wake();
    waker.close();
    await expectNoEvents(context);
  });

  suite.test('a new waker can use the token of a closed one', async (context) => {
    const first = new Waker(context.registry, T[1]);
    assert.equal(context.registry.size, 1);
    first.close();
    assert.equal(context.registry.size, 0);
    const second = context.own(new Waker(context.registry, T[1]));
    second.wake();
    await expectEvent(context, T[1], 'readable');
  });

  suite.test('a closed waker throws EVLOOP_CLOSED, and a second close has no effect', (context) => {
    const waker = new Waker(context.registry, T[1]);
    waker.close();
    waker.close();
    waker[Symbol.dispose]();
    expectCode(() => waker.wake(), 'EVLOOP_CLOSED');
  });

  suite.test('the waker of a closed Poll throws, and so does a new one', (context) => {
    const waker = new Waker(context.registry, T[1]);
    context.poll.close();
    expectCode(() => waker.wake(), 'EVLOOP_CLOSED');
    expectCode(() => new Waker(context.registry, T[2]), 'EVLOOP_CLOSED');
    waker.close();
  });

  suite.test('a waker with an invalid token is a RangeError', (context) => {
    assert.throws(() => new Waker(context.registry, -1 as Token), RangeError);
    assert.equal(context.registry.size, 0);
  });
}
