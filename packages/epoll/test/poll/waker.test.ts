import { Interest, Token, Waker } from '@evloop/core';
import { expect, test } from 'vitest';
import { Poll, RemoteWaker } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { own, tokens, watched } from '../support/fixture.ts';
import { runProgram } from '../support/program.ts';

const EXPECTED = {
  seen: [0, 200, 200, 200],
  quiet: 0,
  merged: 1,
  codes: ['EVLOOP_CLOSED', 'TypeError', 'EVLOOP_CLOSED', 'EVLOOP_CLOSED', 'EVLOOP_CLOSED'],
  last: [7],
};

for (const [backend, mode] of [
  ['epoll', 'sync'],
  ['epoll', 'async'],
  ['net', 'async'],
] as const) {
  test(`${backend}, ${mode}: other threads wake a poll, each waker with its own token, and closed wakers wake nothing`, async () => {
    const { stdout, stderr } = await runProgram('remote-wake.mjs', { args: [backend, mode] });
    expect(JSON.parse(stdout || JSON.stringify(stderr))).toEqual(EXPECTED);
  });
}

test('a counter that is full still wakes', () => {
  const { poll, events } = watched(Interest.READABLE);
  const waker = new Waker(poll.registry, Token(4));
  const handle = waker.handle();
  const full = new Uint8Array(BigUint64Array.of(0xfffffffffffffffen).buffer);
  expect(native.write(handle.at as number, full, 0, 8)).toBe(8);
  expect(tokens(poll, events)).toEqual([4]);
  new RemoteWaker(handle).wake();
  expect(tokens(poll, events)).toEqual([4]);
});

test('a handle whose thread has ended is closed, and its number is left alone', () => {
  const poll = own(new Poll());
  const handle = new Waker(poll.registry, Token(0)).handle();
  const words = new Int32Array(handle.state);
  const remote = new RemoteWaker(handle);
  // What the native layer does when the environment ends.
  Atomics.or(words, 0, 1);
  expect(() => remote.wake()).toThrow(expect.objectContaining({ code: 'EVLOOP_CLOSED' }));
  Atomics.and(words, 0, ~1);
  remote.wake();
});
