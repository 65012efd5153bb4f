import assert from 'node:assert/strict';
import { test } from 'vitest';
import { Events, Interest, Mode, Readiness, Ready, type Source, Token } from '../src/index.ts';
import { PLENTY, ReadyList } from '../src/registration/ready-list.ts';
import { Registry } from '../src/registry.ts';
import { FakeSelector } from './fake-selector.ts';

function setUp(count: number) {
  let notices = 0;
  const list = new ReadyList(() => notices++);
  const registry = new Registry(new FakeSelector(), list);
  const sources = Array.from({ length: count }, (_, i) => {
    const readiness = new Readiness({} as Source);
    readiness.register(registry, Token(i), Interest.READABLE);
    return readiness;
  });
  const drain = (capacity: number): number[] => {
    const events = new Events(capacity);
    list.drainInto(events);
    return Array.from(events, (event) => event.token);
  };
  return { list, registry, sources, drain, notices: () => notices };
}

test('first come, first served', () => {
  const { sources, drain } = setUp(5);
  for (const i of [3, 1, 4, 0, 2]) sources[i]?.set(Ready.READABLE);
  assert.deepEqual(drain(2), [3, 1]);
  sources[3]?.pulse(Ready.READABLE);
  assert.deepEqual(drain(2), [4, 0]);
  assert.deepEqual(drain(9), [2, 3]);
  assert.deepEqual(drain(9), []);
});

test('a source stands in it once', () => {
  const { sources, drain } = setUp(2);
  for (let i = 0; i < 5; i++) for (const source of sources) source.pulse(Ready.READABLE);
  assert.deepEqual(drain(9), [0, 1]);
});

test('says when the first waits and when there are plenty, and only then', () => {
  const { sources, drain, notices } = setUp(3 * PLENTY);
  for (const source of sources.slice(1)) {
    source.set(Ready.READABLE);
    if (source === sources[1]) assert.equal(notices(), 1);
  }
  assert.equal(notices(), 2);
  drain(1);
  sources[0]?.set(Ready.READABLE);
  assert.equal(notices(), 2);
});

test('says when it is no longer empty', () => {
  const { sources, drain, notices } = setUp(3);
  for (const source of sources) source.set(Ready.READABLE);
  assert.equal(notices(), 1);
  drain(9);
  sources[0]?.pulse(Ready.READABLE);
  assert.equal(notices(), 2);
});

test('what was withdrawn is passed over, and takes no room', () => {
  const { sources, drain } = setUp(4);
  for (const source of sources) source.set(Ready.READABLE);
  sources[0]?.clear(Ready.READABLE);
  sources[2]?.close();
  assert.deepEqual(drain(2), [1, 3]);
});

test('a source that moves to another list while it is queued is reported there, and there alone', () => {
  const { sources, registry, drain } = setUp(1);
  const other = setUp(0);
  const [source] = sources;
  source?.set(Ready.READABLE);
  source?.deregister(registry);
  source?.register(other.registry, Token(7), Interest.READABLE);
  assert.deepEqual(drain(9), []);
  assert.deepEqual(other.drain(9), [7]);
});

test('there and back again it is reported once', () => {
  const { sources, registry, drain } = setUp(1);
  const other = setUp(0);
  const [source] = sources;
  source?.set(Ready.READABLE);
  source?.deregister(registry);
  source?.register(other.registry, Token(7), Interest.READABLE);
  source?.deregister(other.registry);
  source?.register(registry, Token(8), Interest.READABLE);
  assert.deepEqual(other.drain(9), []);
  assert.deepEqual(drain(9), [8]);
  assert.deepEqual(drain(9), []);
});

test('clear forgets everybody, who may come again', () => {
  const { list, sources, drain } = setUp(2);
  for (const source of sources) source.pulse(Ready.READABLE);
  list.clear();
  assert.equal(list.empty, true);
  assert.deepEqual(drain(9), []);
  sources[1]?.pulse(Ready.READABLE);
  assert.deepEqual(drain(9), [1]);
});

test('a hundred thousand sources in small bites, each once, in order', () => {
  const { sources, drain } = setUp(2000);
  const seen: number[] = [];
  for (let round = 0; round < 50; round++) {
    for (const source of sources) source.pulse(Ready.READABLE);
    while (true) {
      const tokens = drain(37);
      if (tokens.length === 0) break;
      seen.push(...tokens);
    }
  }
  assert.equal(seen.length, 100_000);
  assert.ok(seen.every((token, i) => token === i % 2000));
});

test('one that is always ready waits for its turn', () => {
  const { sources, drain } = setUp(100);
  for (const source of sources) source.pulse(Ready.READABLE);
  const order: number[] = [];
  for (let i = 0; i < 34; i++) {
    for (const token of drain(3)) {
      order.push(token);
      if (token === 0) sources[0]?.pulse(Ready.READABLE);
    }
  }
  assert.deepEqual(order, [...Array.from({ length: 100 }, (_, i) => i), 0]);
});

test('a source that comes back to a list where it stood before is reported there once', () => {
  const { registry, drain } = setUp(0);
  const other = setUp(0);
  const source = new Readiness({} as Source);
  source.set(Ready.READABLE);
  source.register(registry, Token(0), Interest.READABLE | Mode.LEVEL);
  source.deregister(registry);
  source.register(other.registry, Token(0), Interest.READABLE | Mode.LEVEL);
  source.deregister(other.registry);
  source.register(registry, Token(0), Interest.READABLE | Mode.LEVEL);
  assert.deepEqual(drain(9), [0]);
  assert.deepEqual(drain(9), [0]);
});
