import assert from 'node:assert/strict';
import { test } from 'vitest';
import { BlockingPoll, Poll, UserSpaceSelector } from '../src/backend.ts';
import { Events, Interest, isBlocking, Token, Waker } from '../src/index.ts';
import { descriptor, FakeSelector } from './fake-selector.ts';

function setUp() {
  const selector = new FakeSelector();
  const poll = new BlockingPoll(selector);
  return { selector, poll, events: new Events(4) };
}

test('pollSync waits in the selector for what is left', () => {
  const { selector, poll, events } = setUp();
  selector.waits = [30, 69, 0.5, 0.5];
  assert.equal(poll.pollSync(events, 100), 0);
  assert.deepEqual(selector.take(), ['wait 100', 'wait 70', 'wait 1', 'wait 0.5']);
});

test('pollSync of 0 selects, and does not wait', () => {
  const { selector, poll, events } = setUp();
  assert.equal(poll.pollSync(events, 0), 0);
  assert.deepEqual(selector.take(), ['select']);
});

test('pollSync without end waits until something comes', () => {
  for (const timeoutMs of [null, undefined, Infinity]) {
    const { selector, poll, events } = setUp();
    const registration = descriptor(7);
    poll.registry.register(registration, Token(3), Interest.READABLE);
    selector.take();
    let waits = 0;
    const wait = selector.wait.bind(selector);
    selector.wait = (...call) => {
      if (++waits === 3) selector.ready.push([registration, Interest.READABLE]);
      wait(...call);
    };
    assert.equal(poll.pollSync(events, timeoutMs), 1);
    assert.deepEqual(selector.take(), ['wait null', 'wait null', 'wait null']);
    assert.equal(events.at(0)?.token, 3);
  }
});

test('pollSync does not wait while user space is ready', () => {
  const { selector, poll, events } = setUp();
  const waker = new Waker(poll.registry, Token(1));
  waker.wake();
  assert.equal(poll.pollSync(events, null), 1);
  assert.deepEqual(selector.take(), ['select']);
});

test('pollSync waits although user space was ready and is no longer', () => {
  const { selector, poll, events } = setUp();
  const waker = new Waker(poll.registry, Token(1));
  waker.wake();
  waker.close();
  selector.waits = [5];
  assert.equal(poll.pollSync(events, 5), 0);
  assert.deepEqual(selector.take(), ['select', 'wait 5']);
});

test('isBlocking tells the two kinds apart', () => {
  assert.equal(isBlocking(setUp().poll), true);
  assert.equal(isBlocking(new Poll(new UserSpaceSelector())), false);
});
