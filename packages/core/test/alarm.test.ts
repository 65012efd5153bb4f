import assert from 'node:assert/strict';
import { afterEach, test, vi } from 'vitest';

const DAY = 24 * 60 * 60 * 1000;

// Core keeps the timers that it finds when it is loaded: here the fake ones.
vi.useFakeTimers();
const { Alarm } = await import('../src/backend.ts');
afterEach(() => void vi.clearAllTimers());

test('a time longer than the host’s longest is cut in pieces, and kept', () => {
  for (const delayMs of [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 100 * DAY]) {
    const alarm = new Alarm();
    const ring = vi.fn();
    alarm.set(delayMs, ring);
    vi.advanceTimersByTime(delayMs - 1);
    assert.equal(ring.mock.calls.length, 0);
    vi.advanceTimersByTime(1);
    assert.equal(ring.mock.calls.length, 1);
    vi.advanceTimersByTime(200 * DAY);
    assert.equal(ring.mock.calls.length, 1);
  }
});

test('fractions are rounded up', () => {
  const alarm = new Alarm();
  const ring = vi.fn();
  alarm.set(1.2, ring);
  vi.advanceTimersByTime(1);
  assert.equal(ring.mock.calls.length, 0);
  vi.advanceTimersByTime(1);
  assert.equal(ring.mock.calls.length, 1);
});

test('null is never', () => {
  const alarm = new Alarm();
  const ring = vi.fn();
  alarm.set(null, ring);
  vi.advanceTimersByTime(1000 * DAY);
  assert.equal(ring.mock.calls.length, 0);
  alarm.cancel();
  alarm.set(5, ring);
  vi.advanceTimersByTime(5);
  assert.equal(ring.mock.calls.length, 1);
});

test('an alarm rings once, not before its time, and not when it is called off', () => {
  const alarm = new Alarm();
  const ring = vi.fn();
  alarm.set(5.5, ring);
  vi.advanceTimersByTime(5);
  assert.equal(ring.mock.calls.length, 0);
  vi.advanceTimersByTime(1);
  assert.equal(ring.mock.calls.length, 1);
  alarm.set(1, ring);
  alarm.cancel();
  alarm.cancel();
  vi.advanceTimersByTime(10);
  assert.equal(ring.mock.calls.length, 1);
});
