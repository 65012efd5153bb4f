import assert from 'node:assert/strict';
import { test } from 'vitest';
import { Events, Interest, type MemoryClock, memoryBackend, Token } from '../src/index.ts';

/** A clock that stands still until it is moved. */
class StandingClock implements MemoryClock {
  time = 0;
  readonly #timers: Map<object, { at: number; callback: () => void }> = new Map();

  now(): number {
    return this.time;
  }
  setTimeout(callback: () => void, delayMs: number): object {
    const timer = {};
    this.#timers.set(timer, { at: this.time + delayMs, callback });
    return timer;
  }
  clearTimeout(timer: object): void {
    this.#timers.delete(timer);
  }
  move(ms: number): void {
    this.time += ms;
    for (const [timer, { at, callback }] of this.#timers) {
      if (at > this.time) continue;
      this.#timers.delete(timer);
      callback();
    }
  }
  get pending(): number {
    return this.#timers.size;
  }
}

test('a poll on a clock of its own waits until that clock is moved', async () => {
  const clock = new StandingClock();
  const { Poll } = memoryBackend({ clock });
  const poll = new Poll();
  const waiting = poll.poll(new Events(4), 24 * 60 * 60 * 1000);
  clock.move(24 * 60 * 60 * 1000 - 1);
  assert.equal(clock.pending, 1);
  clock.move(1);
  assert.equal(await waiting, 0);
  assert.equal(clock.pending, 0);
  poll.close();
});

test('an event ends the wait, and its timer with it', async () => {
  const clock = new StandingClock();
  const { Poll, TcpListener, TcpStream } = memoryBackend({ clock });
  const poll = new Poll();
  const listener = await TcpListener.bind('127.0.0.1:0');
  poll.registry.register(listener, Token(7), Interest.READABLE);
  const events = new Events(4);
  const waiting = poll.poll(events, 1000);
  const client = TcpStream.connect(listener.localAddr());
  assert.equal(await waiting, 1);
  assert.equal(events.at(0)?.token, 7);
  assert.deepEqual([clock.pending, clock.time], [0, 0]);
  for (const each of [client, listener, poll]) each.close();
});

test('each backend has ports of its own', async () => {
  const [one, other] = [memoryBackend(), memoryBackend()];
  const first = await one.TcpListener.bind('127.0.0.1:80');
  const second = await other.TcpListener.bind('127.0.0.1:80');
  await assert.rejects(async () => one.TcpListener.bind('127.0.0.1:80'), { code: 'EADDRINUSE' });
  for (const each of [first, second]) each.close();
});
