// What befalls a poll, rather than its sources: wakes, ends and errors at moments that are easy to
// forget.
import { readdirSync, readlinkSync } from 'node:fs';
import {
  type BlockingPoll,
  Events,
  Interest,
  type Source,
  Token,
  Waker,
  WouldBlock,
} from '@evloop/core';
import { expect, test } from 'vitest';
import {
  type PipeReceiver,
  type PipeSender,
  Poll,
  pipe,
  RemoteWaker,
  type SourceFd,
} from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { bytes, code, own, tokens, watched } from '../support/fixture.ts';
import { runProgram } from '../support/program.ts';

const { READABLE } = Interest;

/**
 * A poll that asks user space first the next time, as it does after a batch that filled its events.
 */
function userSpaceFirst() {
  const poll = own(new Poll());
  const filler = new Waker(poll.registry, Token(1));
  filler.wake();
  expect(tokens(poll, new Events(1))).toEqual([1]);
  return poll;
}

test('a wake from another thread is not lost on a poll that asks user space first', async () => {
  const poll = userSpaceFirst();
  const remote = new RemoteWaker(new Waker(poll.registry, Token(2)).handle());
  const events = new Events(4);
  // The host's loop has just turned, so that the next poll asks at once.
  expect(await poll.poll(events, 1)).toBe(0);
  remote.wake();
  expect(await poll.poll(events)).toBe(1);
  expect(events.at(0)?.token).toBe(2);
});

test('nor is it late for one that does not wait', async () => {
  for (const ask of ['poll', 'pollSync'] as const) {
    const poll = userSpaceFirst();
    const remote = new RemoteWaker(new Waker(poll.registry, Token(2)).handle());
    remote.wake();
    expect(await (poll as BlockingPoll)[ask](new Events(4), 0)).toBe(1);
  }
});

test('a poll that ref() keeps alive lets the process end when none is pending', async () => {
  const { code, stdout } = await runProgram('ends-after-ref.mjs');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'end\n' });
});

test('closing a poll as a source twice closes, and writes to, no other descriptor', () => {
  const inner = own(new Poll());
  const waker = new Waker(inner.registry, Token(1));
  (inner.asSource() as Source & Disposable)[Symbol.dispose]();
  const [sender, receiver] = pipe().map((end) => own(end)) as [PipeSender, PipeReceiver];
  waker.wake();
  (inner.asSource() as Source & Disposable)[Symbol.dispose]();
  inner.close();
  expect(receiver.read(new Uint8Array(10))).toBe(WouldBlock);
  expect(sender.write(bytes('abc'))).toBe(3);
  expect(receiver.read(new Uint8Array(10))).toBe(3);
});

test('a poll whose source was closed can be a source again', () => {
  const inner = own(new Poll());
  const first = inner.asSource();
  const { poll, events } = watched(READABLE, first);
  (first as Source & Disposable)[Symbol.dispose]();
  expect(code(() => poll.registry.deregister(first))).toBe('EVLOOP_CLOSED');
  poll.registry.register(inner.asSource(), Token(7), READABLE);
  new Waker(inner.registry, Token(1)).wake();
  expect(tokens(poll, events)).toEqual([7]);
  expect(tokens(inner, events)).toEqual([1]);
});

test('an invalid signal is a TypeError, and the poll still works', async () => {
  const { poll, events } = watched(READABLE);
  for (const signal of [new AbortController(), {}, 'signal', 7]) {
    await expect(poll.poll(events, 1, { signal: signal as never })).rejects.toThrow(TypeError);
  }
  expect(await poll.poll(events, 1)).toBe(0);
});

test('a poll that cannot be made leaves nothing open', async () => {
  expect((await runProgram('failed-poll.mjs')).stdout).toBe('EEXIST 0\n');
});

test('a listener that runs out of descriptors while a poll is pending is reported to that poll', async () => {
  for (const args of [[], ['nested']]) {
    const limited = { args, before: 'ulimit -n 256' };
    const { stdout } = await runProgram('accept-while-pending.mjs', limited);
    expect(stdout).toBe('EMFILE 1 object\n');
  }
});

/** How many eventfds this process has. */
function eventfds(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link.includes('eventfd')).length;
}

test('what the kernel refuses to watch for a poll leaves nothing open', () => {
  const poll = own(new Poll());
  const source = poll.asSource() as SourceFd;
  source.close();
  // The poll's descriptor becomes one that cannot watch anything.
  native.close(source.fd);
  const [sender, receiver] = pipe();
  own(sender);
  expect(receiver.intoFd()).toBe(source.fd);
  const waker = new Waker(poll.registry, Token(1));
  // What is left of the first one is for the next.
  expect(code(() => waker.handle())).toBe('EINVAL');
  const before = eventfds();
  for (let i = 0; i < 10; i++) {
    expect(code(() => waker.handle())).toBe('EINVAL');
    expect(code(() => poll.asSource())).toBe('EINVAL');
  }
  expect(eventfds()).toBe(before);
});

test('what became ready while a poll was being aborted is told to the poll that it is a source of', async () => {
  const inner = own(new Poll());
  const { poll, events } = watched(READABLE, inner.asSource());
  const abort = new AbortController();
  const pending = inner.poll(events, null, { signal: abort.signal });
  new Waker(inner.registry, Token(1)).wake();
  abort.abort();
  await expect(pending).rejects.toThrow('abort');
  expect(tokens(poll, events)).toEqual([0]);
  expect(tokens(inner, events)).toEqual([1]);
});
