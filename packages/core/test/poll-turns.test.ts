import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Ready, Token, Waker } from '../src/index.ts';
import { setUp } from './fake-poll.ts';
import { settle } from './fake-selector.ts';

describe('turns of the host’s loop', () => {
  test('polls of 0 that find nothing are answers, too: the loop is turned after 64', async () => {
    const { selector, start } = setUp();
    for (let i = 0; i < 64; i++) {
      const outcome = start(0);
      await settle();
      assert.equal(outcome.count, 0, `poll ${i}`);
    }
    const outcome = start(0);
    await settle();
    assert.ok(selector.turning);
    selector.resume();
    await settle();
    assert.equal(outcome.count, 0);
  });

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

  test('after 2 ms of immediate answers, poll lets the loop turn once', async () => {
    const { selector, start, source } = setUp();
    const busy = source();
    for (const passed of [5, 1.9]) {
      selector.time += passed;
      busy.pulse(Ready.READABLE);
      start(null);
      await settle();
      assert.equal(selector.turning, false);
    }
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

  test('after 64 wakes of a pending poll, poll lets the loop turn once', async () => {
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
    const { selector, start, source } = setUp();
    source().pulse(Ready.READABLE);
    start(10);
    await settle();
    selector.take();
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

test('a selector that cannot turn fails that poll, and not the next', async () => {
  const { selector, start } = setUp();
  selector.asksKernel = false;
  selector.time += 100;
  selector.failure = new Error('no turn');
  const outcome = start(5);
  await settle();
  assert.equal((outcome.error as Error).message, 'no turn');
  const next = start(5);
  await settle();
  assert.equal(next.error, undefined);
});
