import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, test } from 'vitest';
import { EvloopError, observed, Poll } from '../src/backend.ts';
import type { TracedMessages } from '../src/diagnostics/trace.ts';
import {
  type DiagnosticMessages,
  Events,
  Interest,
  Readiness,
  Ready,
  type SystemError,
  Token,
} from '../src/index.ts';
import { FakeSelector } from './fake-selector.ts';

const { READABLE, WRITABLE } = Interest;
const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

/** The messages of a channel from now on. */
function messages<Name extends keyof DiagnosticMessages>(name: Name): DiagnosticMessages[Name][] {
  const list: DiagnosticMessages[Name][] = [];
  const listen = (message: unknown): void => void list.push(message as DiagnosticMessages[Name]);
  subscribe(name, listen);
  undo.push(() => unsubscribe(name, listen));
  return list;
}

test('registrations are told, once each, and so is every way for one to end', () => {
  const [began, changed, ended] = [
    messages('evloop:register'),
    messages('evloop:reregister'),
    messages('evloop:deregister'),
  ];
  const poll = new Poll(new FakeSelector());
  const { registry } = poll;
  const [one, two, three] = [new Readiness(), new Readiness(), new Readiness()];
  registry.register(one, Token(1), READABLE);
  registry.register(two, Token(2), READABLE);
  registry.register(three, Token(3), READABLE);
  registry.reregister(one, Token(4), WRITABLE);
  assert.deepEqual(
    began.map(({ source, token }) => [source, token]),
    [
      [one, 1],
      [two, 2],
      [three, 3],
    ],
  );
  assert.deepEqual(changed, [{ registry, source: one, token: 4, interest: WRITABLE }]);
  assert.throws(() => registry.register(one, Token(5), READABLE));
  assert.equal(began.length, 3, 'what was refused is not told');
  registry.deregister(one);
  two.close();
  poll.close();
  assert.deepEqual(
    ended.map(({ source, token }) => [source, token]),
    [
      [one, 4],
      [two, 2],
      [three, 3],
    ],
  );
});

test('a source that delegates is told as itself, and has no token when it goes', () => {
  const [began, ended] = [messages('evloop:register'), messages('evloop:deregister')];
  const { registry } = new Poll(new FakeSelector());
  const inner = new Readiness();
  const outer = {
    register: inner.register.bind(inner),
    reregister: inner.reregister.bind(inner),
    deregister: inner.deregister.bind(inner),
  };
  registry.register(outer, Token(1), READABLE);
  registry.deregister(outer);
  assert.deepEqual(
    began.map(({ source, token }) => [source === outer, token]),
    [[true, 1]],
  );
  assert.deepEqual(ended, [{ registry, source: outer, token: undefined }]);
});

test('every answer is told with its events and the counters, of poll and of pollSync', async () => {
  const answers: [poll: unknown, tokens: number[], polls: number, events: number][] = [];
  const listen = (message: unknown): void => {
    const { poll, events, stats } = message as DiagnosticMessages['evloop:poll'];
    answers.push([poll, Array.from(events, ({ token }) => token), stats.polls, stats.events]);
  };
  subscribe('evloop:poll', listen);
  undo.push(() => unsubscribe('evloop:poll', listen));
  const poll = new Poll(new FakeSelector());
  const source = new Readiness();
  poll.registry.register(source, Token(7), READABLE);
  source.set(Ready.READABLE);
  const events = new Events(4);
  await poll.poll(events);
  await poll.poll(events, 0);
  assert.deepEqual(answers, [
    [poll, [7], 1, 1],
    [poll, [], 2, 1],
  ]);
  assert.deepEqual(poll.stats(), {
    polls: 2,
    events: 1,
    immediate: 1,
    turns: 0,
    syscalls: { made: 0, saved: 0 },
    cork: undefined,
  });
});

test('errors of evloop and of the system are told as they are, mistakes in arguments are not', () => {
  const errors = messages('evloop:error');
  const error = new EvloopError('EVLOOP_BUSY', 'busy');
  const system = Object.assign(new Error('read ECONNRESET'), {
    code: 'ECONNRESET',
    errno: -104,
    syscall: 'read',
  }) satisfies SystemError;
  assert.equal(observed(system), system);
  const { registry } = new Poll(new FakeSelector());
  assert.throws(() => registry.register(new Readiness(), -1 as Token, READABLE), RangeError);
  assert.deepEqual(errors, [{ error }, { error: system }]);
  assert.equal((errors[0] as { error: EvloopError }).error.code, 'EVLOOP_BUSY');
});

test('what is traced is a part of each message', () => {
  const traced = (_message: TracedMessages): void => {};
  assert.doesNotThrow(() => traced({} as DiagnosticMessages));
});
