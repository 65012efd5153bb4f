import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { isEvloopError, Token, Waker } from '../src/index.ts';
import { setUp } from './fake-poll.ts';
import { settle } from './fake-selector.ts';

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

  test('a wake right before close has no effect', async () => {
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
