import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import {
  Events,
  Interest,
  isEvloopError,
  Poll,
  Readiness,
  Ready,
  registrationOf,
  type Source,
  Token,
  Waker,
} from '../src/index.ts';
import { FakeSelector, settle } from './fake-selector.ts';

const { READABLE } = Interest;

/** A poll on a fake selector, and the outcome of a `poll` that may still be pending. */
function setUp() {
  const selector = new FakeSelector();
  const poll = new Poll(selector);
  const events = new Events(4);
  const start = (timeoutMs?: number | null, signal?: AbortSignal) => {
    const outcome: { count?: number; error?: unknown } = {};
    poll.poll(events, timeoutMs, { signal }).then(
      (count) => {
        outcome.count = count;
      },
      (error) => {
        outcome.error = error;
      },
    );
    return outcome;
  };
  const source = (token = 0): Readiness => {
    const readiness: Readiness = new Readiness({} as Source);
    const leaf = {
      [registrationOf]: readiness,
      register: readiness.register.bind(readiness),
      reregister: readiness.reregister.bind(readiness),
      deregister: readiness.deregister.bind(readiness),
    };
    poll.registry.register(leaf, Token(token), READABLE);
    return readiness;
  };
  selector.take();
  return { selector, poll, events, start, source };
}

describe('waiting', () => {
  test('parks for the time that is asked for, and answers 0 when it has passed', async () => {
    const { selector, start } = setUp();
    const outcome = start(25.5);
    assert.deepEqual(selector.take(), ['select', 'park 25.5']);
    selector.resume(25.5);
    await settle();
    assert.equal(outcome.count, 0);
  });

  test('parks again for what is left when it is woken early', async () => {
    const { selector, start } = setUp();
    const outcome = start(100);
    selector.take();
    selector.resume(30);
    assert.deepEqual(selector.take(), ['select', 'park 70']);
    selector.resume(69.875);
    assert.deepEqual(selector.take(), ['select', 'park 0.125']);
    await settle();
    assert.deepEqual(outcome, {});
    selector.resume(0.125);
    await settle();
    assert.equal(outcome.count, 0);
  });

  test('parks without end for null, undefined and Infinity', () => {
    for (const timeoutMs of [null, undefined, Infinity]) {
      const { selector, start } = setUp();
      start(timeoutMs);
      assert.deepEqual(selector.take(), ['select', 'park null']);
      selector.resume(1e9);
      assert.deepEqual(selector.take(), ['select', 'park null']);
    }
  });

  test('hands over any length of time', async () => {
    for (const timeoutMs of [2 ** 31, 2 ** 53, Number.MAX_VALUE]) {
      const { selector, start } = setUp();
      const outcome = start(timeoutMs);
      selector.resume(timeoutMs / 2);
      await settle();
      assert.deepEqual(outcome, {});
      selector.resume(timeoutMs);
      await settle();
      assert.equal(outcome.count, 0);
    }
  });

  test('asks once for 0 where the selector asks, and turns the loop where it does not', async () => {
    const { selector, start } = setUp();
    const asked = start(0);
    assert.deepEqual(selector.take(), ['select']);
    await settle();
    assert.equal(asked.count, 0);

    selector.asks = false;
    const turned = start(0);
    assert.deepEqual(selector.take(), ['select', 'turn']);
    selector.resume();
    await settle();
    assert.equal(turned.count, 0);
    assert.equal(selector.parked, false);
  });

  test('passes on what the selector throws', async () => {
    const { selector, start } = setUp();
    const refused = new Error('refused');
    selector.failure = refused;
    const selecting = start(5);
    await settle();
    assert.equal(selecting.error, refused);

    const parking = start(5);
    selector.resume();
    selector.failure = refused;
    selector.resume();
    await settle();
    assert.equal(parking.error, refused);
    const next = start(0);
    await settle();
    assert.equal(next.count, 0);
  });
});

describe('user-space readiness', () => {
  test('ends the wait in a microtask, and everything that came until then takes part', async () => {
    const { selector, start, source, events } = setUp();
    const [one, two] = [source(1), source(2)];
    const outcome = start(null);
    selector.take();
    one.set(Ready.READABLE);
    two.set(Ready.READABLE);
    assert.deepEqual(selector.take(), []);
    await settle();
    assert.equal(outcome.count, 2);
    assert.deepEqual(
      Array.from(events, (event) => event.token),
      [1, 2],
    );
    assert.equal(selector.parked, false);
  });

  test('that is withdrawn again leaves the poll waiting', async () => {
    const { selector, start, source } = setUp();
    const one = source();
    const outcome = start(null);
    one.set(Ready.READABLE);
    one.clear(Ready.READABLE);
    await settle();
    assert.deepEqual(outcome, {});
    assert.equal(selector.parked, true);
    one.set(Ready.READABLE);
    await settle();
    assert.equal(outcome.count, 1);
  });
});

describe('turns of the host’s loop', () => {
  test('after 64 immediate answers the loop is turned once', async () => {
    const { selector, start, source } = setUp();
    const busy = source();
    for (let i = 0; i < 64; i++) {
      busy.pulse(Ready.READABLE);
      const outcome = start(null);
      await settle();
      assert.equal(outcome.count, 1, `poll ${i}`);
    }
    selector.take();
    busy.pulse(Ready.READABLE);
    const outcome = start(null);
    await settle();
    assert.deepEqual(outcome, {});
    assert.deepEqual(selector.take(), ['turn']);
    selector.resume();
    await settle();
    assert.equal(outcome.count, 1);
    busy.pulse(Ready.READABLE);
    const next = start(null);
    await settle();
    assert.equal(next.count, 1);
  });

  test('after 2 ms of immediate answers likewise', async () => {
    const { selector, start, source } = setUp();
    const busy = source();
    selector.time += 1.9;
    busy.pulse(Ready.READABLE);
    start(null);
    await settle();
    assert.equal(selector.turning, false);
    selector.time += 0.1;
    busy.pulse(Ready.READABLE);
    const outcome = start(null);
    await settle();
    assert.equal(selector.turning, true);
    assert.deepEqual(outcome, {});
    selector.resume();
    await settle();
    assert.equal(outcome.count, 1);
  });

  test('after 64 wakes of a pending poll likewise', async () => {
    const { selector, poll, start } = setUp();
    const waker = new Waker(poll.registry, Token(9));
    let turns = 0;
    for (let i = 0; i < 200; i++) {
      const outcome = start(null);
      await settle();
      waker.wake();
      await settle();
      if (selector.turning) {
        turns++;
        selector.resume();
        await settle();
      }
      assert.equal(outcome.count, 1, `poll ${i}`);
    }
    assert.ok(turns >= 2 && turns <= 4, `${turns} turns`);
  });

  test('a poll that is due for a turn keeps to its timeout', async () => {
    const { selector, start } = setUp();
    selector.time += 5;
    const outcome = start(10);
    assert.deepEqual(selector.take(), ['turn']);
    selector.resume(4);
    assert.deepEqual(selector.take(), ['select', 'park 6']);
    selector.resume(6);
    await settle();
    assert.equal(outcome.count, 0);
  });
});

describe('ends', () => {
  test('a signal that aborts takes its listener away again', async () => {
    const { selector, start } = setUp();
    const controller = new AbortController();
    const { signal } = controller;
    const added: string[] = [];
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...call: Parameters<typeof add>) => {
      added.push('added');
      add(...call);
    };
    signal.removeEventListener = (...call: Parameters<typeof remove>) => {
      added.push('removed');
      remove(...call);
    };
    start(5, signal);
    selector.resume(5);
    await settle();
    assert.deepEqual(added, ['added', 'removed']);
    const aborted = start(5, signal);
    controller.abort('why');
    await settle();
    assert.equal(aborted.error, 'why');
    assert.deepEqual(added, ['added', 'removed', 'added', 'removed']);
    assert.equal(selector.parked, false);
  });

  test('close unparks before it closes the selector, and calls nothing afterwards', async () => {
    const { selector, poll, start } = setUp();
    const outcome = start(null);
    selector.take();
    poll.close();
    assert.deepEqual(selector.take(), ['unpark', 'close']);
    await settle();
    assert.ok(isEvloopError(outcome.error, 'EVLOOP_CLOSED'));
    poll.close();
    poll.ref();
    poll.unref();
    const after = start(0);
    await settle();
    assert.ok(isEvloopError(after.error, 'EVLOOP_CLOSED'));
    assert.deepEqual(selector.take(), []);
  });

  test('a wake that comes right before close harms nobody', async () => {
    const { poll, start } = setUp();
    const waker = new Waker(poll.registry, Token(9));
    const outcome = start(null);
    waker.wake();
    poll.close();
    await settle();
    assert.ok(isEvloopError(outcome.error, 'EVLOOP_CLOSED'));
  });

  test('ref and unref are the selector’s', () => {
    const { selector, poll } = setUp();
    poll.unref();
    poll.ref();
    assert.deepEqual(selector.take(), ['unref', 'ref']);
  });
});

describe('a selector that settles', () => {
  test('has everything that becomes ready in a turn in one batch', async () => {
    const { selector, poll, start, source } = setUp();
    const settled: (() => void)[] = [];
    Object.assign(selector, { settle: (call: () => void) => settled.push(call) });
    const [one, two] = [source(1), source(2)];
    const outcome = start(null);
    one.set(Ready.READABLE);
    await settle();
    assert.deepEqual(outcome, {});
    two.set(Ready.READABLE);
    assert.equal(settled.length, 1);
    settled.pop()?.();
    await settle();
    assert.equal(outcome.count, 2);

    const aborted = new AbortController();
    const second = start(null, aborted.signal);
    one.pulse(Ready.READABLE);
    aborted.abort('why');
    settled.pop()?.();
    await settle();
    assert.equal(second.error, 'why');
    const third = start(null);
    await settle();
    assert.equal(third.count, 1);
    const fourth = start(null);
    two.pulse(Ready.READABLE);
    poll.close();
    settled.pop()?.();
    await settle();
    assert.ok(isEvloopError(fourth.error, 'EVLOOP_CLOSED'));
  });
});

test('a selector that cannot turn fails that poll, and not the next', async () => {
  const { selector, start } = setUp();
  selector.asks = false;
  selector.time += 100;
  selector.failure = new Error('no turn');
  const outcome = start(5);
  await settle();
  assert.equal((outcome.error as Error).message, 'no turn');
  const next = start(5);
  await settle();
  assert.equal(next.error, undefined);
});
