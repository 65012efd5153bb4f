import assert from 'node:assert/strict';
import { Events, formatInterest, Interest, Token, Waker } from '@evloop/core';
import { expectEvent, expectNothingNow } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';
import { UserSource } from '../user-source.ts';

/** The names that a program gives, and the events that it gets. */
export function tokensInterestEvents(suite: Suite): void {
  suite.test('a token is a safe integer ≥ 0; anything else is a RangeError', () => {
    for (const value of [0, 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      assert.equal(Token(value), value);
    }
    for (const value of [-1, 0.5, Number.NaN, Infinity, 2 ** 53, '1', null, undefined, 1n]) {
      assert.throws(() => Token(value as number), RangeError);
    }
  });

  suite.test('events carry the smallest and the largest token unchanged', async (context) => {
    const largest = Token(Number.MAX_SAFE_INTEGER);
    const [one, two] = [context.own(new UserSource()), context.own(new UserSource())];
    context.register(one, Token(0), R);
    context.register(two, largest, R);
    one.readiness.set(R);
    two.readiness.set(R);
    const tokens = (await context.wait(0)).map((event) => event.token);
    assert.deepEqual(tokens.sort(), [0, largest]);
  });

  suite.test('the event of a socket carries a large token unchanged', async (context) => {
    const { client } = await context.pair();
    const token = Token(Number.MAX_SAFE_INTEGER);
    context.register(client, token, W);
    await expectEvent(context, token, 'writable');
  });

  suite.test('an interest is a union of three bits', () => {
    assert.deepEqual([Interest.READABLE, Interest.WRITABLE, Interest.PRIORITY], [1, 2, 4]);
    assert.equal(formatInterest(R), 'READABLE');
    assert.equal(formatInterest(W), 'WRITABLE');
    assert.equal(formatInterest(RW), 'READABLE | WRITABLE');
    assert.equal(formatInterest(RW | Interest.PRIORITY), 'READABLE | WRITABLE | PRIORITY');
  });

  suite.test('Events has a capacity of at least 1, and is empty at first', () => {
    const events = new Events(16);
    assert.equal(events.capacity, 16);
    assert.equal(events.length, 0);
    assert.equal(events.at(0), undefined);
    assert.deepEqual([...events], []);
    for (const capacity of [0, -1, 1.5, Number.NaN, Infinity, 2 ** 24 + 1, '4']) {
      assert.throws(() => new Events(capacity as number), RangeError);
    }
  });

  suite.test(
    'iterating, indexing and counting events agree, any number of times',
    async (context) => {
      const sources = [T[0], T[1], T[2]].map((token) => {
        const source = context.own(new UserSource());
        context.register(source, token, R);
        source.readiness.set(R);
        return source;
      });
      const events = new Events(8);
      assert.equal(await context.pollOnce(events, 0), sources.length);
      assert.equal(events.length, sources.length);
      for (let round = 0; round < 2; round++) {
        const iterated = Array.from(events, (event) => event.token);
        const indexed = [0, 1, 2].map((i) => events.at(i)?.token);
        assert.deepEqual(iterated, indexed);
        assert.deepEqual([...iterated].sort(), [0, 1, 2]);
      }
      assert.equal(events.at(3), undefined);
      assert.equal(events.at(-1), undefined);
    },
  );

  suite.test('clear removes all events', async (context) => {
    const waker = context.own(new Waker(context.registry, Token(10)));
    const events = new Events(16);
    waker.wake();
    await context.pollOnce(events, context.timing.patienceMs);
    assert.ok(events.length > 0);
    for (const event of events) assert.ok(event.token === 10 && event.readable);
    events.clear();
    assert.equal(events.length, 0);
    assert.equal(events.at(0), undefined);
  });

  suite.test('a poll clears the previous batch, also when its time is up', async (context) => {
    const source = context.own(new UserSource());
    context.register(source, T[0], R);
    source.readiness.set(R);
    const events = new Events(4);
    assert.equal(await context.pollOnce(events, 0), 1);
    assert.equal(await context.pollOnce(events, 0), 0);
    assert.equal(events.length, 0);
    assert.equal(events.at(0), undefined);
  });

  suite.test('a poll clears the previous batch, also when it fails', async (context) => {
    const source = context.own(new UserSource());
    context.register(source, T[0], R);
    source.readiness.set(R);
    const events = new Events(4);
    await context.pollOnce(events, 0);
    context.poll.close();
    await assert.rejects(async () => context.pollOnce(events, 0));
    assert.equal(events.length, 0);
  });

  suite.test('an event has exactly the bits that are in the interest and hold', async (context) => {
    const { client } = await context.pair();
    context.register(client, T[0], RW);
    const [seen] = await expectEvent(context, T[0], 'writable');
    assert.deepEqual(seen, {
      token: 0,
      readable: false,
      writable: true,
      error: false,
      readClosed: false,
      writeClosed: false,
      priority: false,
    });
    await expectNothingNow(context);
  });
}
