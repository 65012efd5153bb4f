import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { Events, Interest, Poll, TcpListener, TcpStream, Token, Waker } from '../../src/index.ts';

/**
 * The time that is left until the timer of this process fires, in seconds; `undefined`: no timer.
 */
function timeLeft(): number | undefined {
  for (const fd of readdirSync('/proc/self/fd')) {
    let target = '';
    try {
      target = readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      continue; // The descriptor of the listing itself.
    }
    if (!target.includes('timerfd')) continue;
    const value = /it_value: \((\d+), (\d+)\)/.exec(
      readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'),
    );
    return Number(value?.[1]) + Number(value?.[2]) / 1e9;
  }
  return undefined;
}

let poll: Poll;
afterEach(() => poll.close());

function waitIdle(limitMs: number): number {
  const start = performance.now();
  expect(poll.pollSync(new Events(4), limitMs)).toBe(0);
  return performance.now() - start;
}

test('a wait without a limit needs no timer', () => {
  poll = new Poll();
  using waker = new Waker(poll.registry, Token(1));
  waker.wake();
  expect(poll.pollSync(new Events(4))).toBe(1);
  expect(timeLeft()).toBeUndefined();
});

test('a later limit leaves the timer as it is, and an earlier one sets it', () => {
  poll = new Poll();
  expect(waitIdle(2)).toBeGreaterThanOrEqual(2);
  using listener = TcpListener.bind('127.0.0.1:0');
  using client = TcpStream.connect(listener.localAddr());
  poll.registry.register(client, Token(1), Interest.WRITABLE);
  const events = new Events(4);
  const wait = (limitMs: number): number | undefined => {
    poll.registry.reregister(client, Token(1), Interest.WRITABLE);
    expect(poll.pollSync(events, limitMs)).toBe(1);
    return timeLeft();
  };
  expect(wait(500_000)).toBeGreaterThan(400);
  expect(wait(900_000)).toBeLessThanOrEqual(500);
  const earlier = wait(300_000);
  expect(earlier).toBeGreaterThan(200);
  expect(earlier).toBeLessThanOrEqual(300);
  // More seconds than a 32-bit count of milliseconds.
  expect(wait(1e15)).toBeLessThanOrEqual(300);
});

test('limits of any length end in time, and never early', () => {
  poll = new Poll();
  for (const limitMs of [0.2, 1, 1.5, 7.25, 30, 3, 12]) {
    expect(waitIdle(limitMs)).toBeGreaterThanOrEqual(limitMs);
  }
});

test('closing the poll closes its timer', () => {
  poll = new Poll();
  waitIdle(2);
  expect(timeLeft()).toBeDefined();
  poll.close();
  expect(timeLeft()).toBeUndefined();
});
