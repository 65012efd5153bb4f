import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { isEvloopError, Ready } from '../src/index.ts';
import { setUp } from './fake-poll.ts';
import { settle } from './fake-selector.ts';

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

    selector.asksKernel = false;
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
