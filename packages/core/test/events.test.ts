import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from 'vitest';
import { Poll, pushEvent } from '../src/backend.ts';
import { type Event, Events, Interest, Ready, Token } from '../src/index.ts';
import { descriptor, FakeSelector } from './fake-selector.ts';

function setUp(count: number, capacity = 8) {
  const { registry } = new Poll(new FakeSelector());
  const events = new Events(capacity);
  const sources = Array.from({ length: count }, (_, i) => {
    const source = descriptor(i);
    registry.register(source, Token(i), Interest.READABLE);
    return source;
  });
  return { registry, events, sources };
}

test('at answers for indexes of events, and for nothing else', () => {
  const { events, sources } = setUp(2);
  for (const source of sources) events[pushEvent](source, Ready.READABLE);
  for (const i of [-1, 2, 7, 0.5, Number.NaN, Infinity, '0x' as unknown as number]) {
    assert.equal(events.at(i), undefined, String(i));
  }
  assert.equal(events.at(1)?.token, 1);
});

test('each bit of a report is one property', () => {
  const { events, sources } = setUp(1);
  const properties: [Ready, keyof Event][] = [
    [Ready.READABLE, 'readable'],
    [Ready.WRITABLE, 'writable'],
    [Ready.PRIORITY, 'priority'],
    [Ready.ERROR, 'error'],
    [Ready.READ_CLOSED, 'readClosed'],
    [Ready.WRITE_CLOSED, 'writeClosed'],
  ];
  for (const [bit, property] of properties) {
    events.clear();
    events[pushEvent](sources[0] as never, bit);
    const event = events.at(0) as Event;
    for (const [, each] of properties) assert.equal(event[each], each === property);
  }
});

test('events are flyweights: no object is made for an event after the first time', () => {
  const { events, sources } = setUp(1);
  events[pushEvent](sources[0] as never, Ready.READABLE);
  const first = events.at(0);
  events.clear();
  events[pushEvent](sources[0] as never, Ready.WRITABLE);
  assert.equal(events.at(0), first);
  assert.equal(first?.writable, true);
});

test('an event keeps the token that it was reported under', () => {
  const { events, sources, registry } = setUp(1);
  events[pushEvent](sources[0] as never, Ready.READABLE);
  const event = events.at(0);
  registry.reregister(sources[0] as never, Token(9), Interest.READABLE);
  assert.equal(event?.token, 0);
  assert.equal(events.at(0), undefined);
});

test('what is let go of while iterating is left out', () => {
  const { events, sources, registry } = setUp(4);
  for (const source of sources) events[pushEvent](source, Ready.READABLE);
  const seen: number[] = [];
  for (const event of events) {
    seen.push(event.token);
    if (event.token === 0) {
      registry.deregister(sources[1] as never);
      sources[2]?.close();
    }
  }
  assert.deepEqual(seen, [0, 3]);
  assert.equal(events.length, 4);
});

test('printed, an event shows what it says', () => {
  const { events, sources } = setUp(1);
  events[pushEvent](sources[0] as never, Ready.READABLE);
  const shown = {
    token: 0,
    readable: true,
    writable: false,
    error: false,
    readClosed: false,
    writeClosed: false,
    priority: false,
  };
  assert.equal(inspect(events.at(0)), inspect(shown));
  assert.deepEqual(JSON.parse(JSON.stringify(events.at(0))), shown);
});

test('an iterator may be spread, and is over when it is over', () => {
  const { events, sources } = setUp(2);
  for (const source of sources) events[pushEvent](source, Ready.READABLE);
  const iterator = events[Symbol.iterator]();
  assert.equal([...iterator].length, 2);
  assert.equal(iterator.next().done, true);
  assert.equal([...events].length, 2);
});

test('events that were cleared keep no source alive', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const { registry, events, sources } = setUp(1);
  const lost = new WeakRef(sources[0] as object);
  events[pushEvent](sources[0] as never, Ready.READABLE);
  registry.deregister(sources[0] as never);
  sources.length = 0;
  events.clear();
  const deadline = performance.now() + 60_000;
  while (lost.deref() !== undefined) {
    assert.ok(performance.now() < deadline, 'the source is still held');
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
  }
  assert.equal(events.length, 0);
});
