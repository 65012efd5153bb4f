import assert from 'node:assert/strict';
import { Events, isBlocking, Waker } from '@evloop/core';
import { writeAll } from '../bytes.ts';
import type { Context } from '../context.ts';
import { expectCode, expectRejected } from '../expect-error.ts';
import { expectEvent } from '../expect-events.ts';
import { R, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';
import { UserSource } from '../user-source.ts';

/** How long `poll` waits, and what ends it. */
export function timeouts(suite: Suite): void {
  for (const timeoutMs of [0.1, 1, 1.7, 5, 20, 33.3]) {
    suite.test(`a poll of ${timeoutMs} ms returns 0, and never early`, async (context) => {
      for (let i = 0; i < 5; i++) {
        const start = context.clock.now();
        assert.deepEqual(await context.wait(timeoutMs), []);
        const took = context.clock.now() - start;
        assert.ok(took >= timeoutMs, `it took ${took} ms`);
      }
    });
  }

  suite.test('a timeout of 0 does not wait', async (context) => {
    const { client } = await context.pair();
    const start = context.clock.now();
    assert.deepEqual(await context.wait(0), []);
    context.register(client, T[0], W);
    assert.equal((await context.wait(0)).length, 1);
    assert.deepEqual(await context.wait(0), []);
    assert.ok(context.clock.now() - start < context.timing.patienceMs);
  });

  suite.test('repeated polls with timeout 0 report arriving data', async (context) => {
    const { client, server } = await context.pair();
    context.register(client, T[0], R);
    writeAll(server, 'x');
    let seen = 0;
    const deadline = context.clock.now() + context.timing.patienceMs;
    while (seen === 0 && context.clock.now() < deadline) seen = (await context.wait(0)).length;
    assert.equal(seen, 1);
  });

  for (const timeoutMs of [null, Infinity, Number.MAX_VALUE, 2 ** 31, 2 ** 32 + 5, 2 ** 53]) {
    suite.test(`a timeout of ${timeoutMs} is ended by an event`, async (context) => {
      const { client } = await context.pair();
      context.register(client, T[0], W);
      assert.equal((await context.wait(timeoutMs)).length, 1);
    });

    suite.test(`a timeout of ${timeoutMs} does not end at once`, async (context) => {
      const waker = context.own(new Waker(context.registry, T[0]));
      const polled = pending(context, timeoutMs);
      await context.pause();
      assert.equal(polled.settled, false);
      waker.wake();
      assert.equal(await context.within('the wake ends the poll', polled.promise), 1);
    });
  }

  suite.test('without a timeout, a poll waits for ever', async (context) => {
    const waker = context.own(new Waker(context.registry, T[0]));
    const polled = context.poll.poll(new Events(4));
    await context.turn();
    waker.wake();
    assert.equal(await context.within('the wake ends the poll', polled), 1);
  });

  suite.test('an event ends a wait early', async (context) => {
    const { client, server } = await context.pair();
    context.register(client, T[0], R);
    const start = context.clock.now();
    writeAll(server, 'x');
    await expectEvent(context, T[0], 'readable');
    assert.ok(context.clock.now() - start < context.timing.patienceMs);
  });

  suite.test('an invalid timeout is a TypeError or RangeError', async (context) => {
    for (const timeoutMs of [-1, -0.5, Number.NaN, -Infinity, '5', {}]) {
      const act = async (): Promise<number> => context.pollOnce(new Events(1), timeoutMs as number);
      await assert.rejects(act, RangeError);
    }
    for (const events of [undefined, null, [], {}]) {
      const act = (): Promise<number> => context.poll.poll(events as unknown as Events, 0);
      await assert.rejects(act, TypeError);
    }
  });

  suite.test(
    'a second poll while one is pending throws EVLOOP_BUSY, and the first continues',
    async (context) => {
      const waker = context.own(new Waker(context.registry, T[0]));
      const first = context.poll.poll(new Events(4), null);
      await expectRejected(context.poll.poll(new Events(4), 0), 'EVLOOP_BUSY');
      await expectRejected(context.poll.poll(new Events(4), null), 'EVLOOP_BUSY');
      const { poll } = context;
      if (isBlocking(poll)) expectCode(() => poll.pollSync(new Events(4), 0), 'EVLOOP_BUSY');
      waker.wake();
      assert.equal(await context.within('the wake ends the poll', first), 1);
    },
  );

  suite.test('two Polls can wait at the same time', async (context) => {
    const other = context.newPoll();
    const wakers = [new Waker(context.registry, T[0]), new Waker(other.registry, T[1])];
    const polls = [context.poll.poll(new Events(1), null), other.poll(new Events(1), null)];
    await context.turn();
    for (const waker of wakers) waker.wake();
    assert.deepEqual(await context.within('both end', Promise.all(polls)), [1, 1]);
  });

  suite.test('closing a Poll ends its pending poll', async (context) => {
    const polled = context.poll.poll(new Events(4), null);
    await context.turn();
    context.poll.close();
    await context.within('close ends the poll', expectRejected(polled, 'EVLOOP_CLOSED'));
    await expectRejected(context.poll.poll(new Events(4), 0), 'EVLOOP_CLOSED');
  });

  suite.test(
    'a closed Poll throws EVLOOP_CLOSED, and its sources are deregistered',
    async (context) => {
      const { client, server } = await context.pair();
      context.register(client, T[0], W);
      const { poll, registry } = context;
      assert.equal(poll.closed, false);
      poll.close();
      poll.close();
      poll[Symbol.dispose]();
      poll.ref();
      poll.unref();
      assert.equal(poll.closed, true);
      assert.equal(registry.size, 0);
      await expectRejected(poll.poll(new Events(4), 0), 'EVLOOP_CLOSED');
      if (isBlocking(poll)) expectCode(() => poll.pollSync(new Events(4), 0), 'EVLOOP_CLOSED');
      expectCode(() => registry.register(server, T[1], R), 'EVLOOP_CLOSED');
      expectCode(() => registry.reregister(client, T[1], R), 'EVLOOP_CLOSED');
      expectCode(() => registry.deregister(client), 'EVLOOP_CLOSED');
      const other = context.newPoll();
      other.registry.register(client, T[2], W);
      assert.equal((await context.wait(context.timing.patienceMs, other))[0]?.token, T[2]);
    },
  );

  suite.test('making and closing many Polls leaks nothing', async (context) => {
    for (let i = 0; i < 2000; i++) {
      const poll = context.newPoll();
      if (i % 20 === 0) await context.wait(0, poll);
      poll.close();
    }
  });

  suite.test('a signal ends the wait with its reason', async (context) => {
    const controller = new AbortController();
    const { signal } = controller;
    const polled = context.poll.poll(new Events(4), null, { signal });
    const reason = new Error('enough');
    await context.turn();
    controller.abort(reason);
    await context.within('the abort ends the poll', isReason(polled, reason));
    await isReason(context.poll.poll(new Events(4), null, { signal }), reason);
  });

  suite.test('an aborted poll loses no event, and later polls work', async (context) => {
    const source = context.own(new UserSource());
    context.register(source, T[0], R);
    const controller = new AbortController();
    const polled = context.poll.poll(new Events(4), null, { signal: controller.signal });
    await context.turn();
    source.readiness.set(R);
    controller.abort(new Error('enough'));
    await context.within(
      'the event or the abort ends the poll',
      polled.catch(() => 0),
    );
    assert.ok((await context.wait(0)).length === 1, 'the event comes with the next poll');
  });

  suite.test('a signal that aborts after the poll has no effect', async (context) => {
    const controller = new AbortController();
    const waker = context.own(new Waker(context.registry, T[0]));
    waker.wake();
    const { signal } = controller;
    const first = context.poll.poll(new Events(4), null, { signal });
    assert.equal(await context.within('the wake ends the poll', first), 1);
    const polled = context.poll.poll(new Events(4), null);
    controller.abort(new Error('too late'));
    await context.turn();
    waker.wake();
    assert.equal(await context.within('the wake ends the poll', polled), 1);
  });

  suite.test('timers and promises run while polls return at once without end', async (context) => {
    const source = context.own(new UserSource());
    context.register(source, T[0], R);
    let timers = 0;
    let timer: unknown;
    const again = (): void => {
      timers++;
      timer = context.clock.setTimeout(again, 1);
    };
    timer = context.clock.setTimeout(again, 1);
    const events = new Events(1);
    const deadline = context.clock.now() + context.timing.patienceMs;
    while (timers < 3 && context.clock.now() < deadline) {
      source.readiness.pulse(R);
      await context.within('the pulse ends the poll', context.poll.poll(events, null));
    }
    context.clock.clearTimeout(timer);
    assert.ok(timers >= 3, 'the timer should have run');
  });

  const { supports } = suite;
  suite.testIf(
    supports.pollSync,
    'pollSync',
    'pollSync blocks at least as long as its timeout',
    (context) => {
      const { poll } = context;
      assert.ok(isBlocking(poll));
      const events = new Events(4);
      let turned = false;
      setImmediate(() => {
        turned = true;
      });
      for (const timeoutMs of [0, 0.1, 5, 20]) {
        const start = context.clock.now();
        assert.equal(poll.pollSync(events, timeoutMs), 0);
        assert.ok(context.clock.now() - start >= timeoutMs);
      }
      assert.equal(turned, false);
      const waker = context.own(new Waker(context.registry, T[0]));
      // A lost wake must not block the thread for ever.
      for (const timeoutMs of [context.timing.patienceMs, null]) {
        waker.wake();
        assert.equal(poll.pollSync(events, timeoutMs), 1);
      }
    },
  );
  if (!supports.pollSync) {
    suite.test('without supports.pollSync, pollSync throws EVLOOP_UNSUPPORTED', (context) => {
      assert.equal(isBlocking(context.poll), false);
      const poll = context.poll as unknown as {
        pollSync(events: Events, timeoutMs: number): number;
      };
      expectCode(() => poll.pollSync(new Events(1), 0), 'EVLOOP_UNSUPPORTED');
    });
  }
}

function pending(
  context: Context,
  timeoutMs: number | null,
): { promise: Promise<number>; settled: boolean } {
  const promise = context.poll.poll(new Events(4), timeoutMs);
  const state = { promise, settled: false };
  const settle = (): void => {
    state.settled = true;
  };
  promise.then(settle, settle);
  return state;
}

async function isReason(polled: Promise<number>, reason: unknown): Promise<void> {
  await assert.rejects(polled, (error) => error === reason);
}
