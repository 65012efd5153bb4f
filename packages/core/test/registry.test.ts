import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import {
  type DescriptorRegistration,
  generation,
  Poll,
  UserSpaceSelector,
} from '../src/backend.ts';
import { Interest, isEvloopError, type Source, Token } from '../src/index.ts';
import { descriptor, FakeSelector } from './fake-selector.ts';

const { READABLE, WRITABLE } = Interest;

test('a kernel that refuses leaves everything as it was', () => {
  const selector = new FakeSelector();
  const { registry } = new Poll(selector);
  const source = descriptor(5);
  const refused = new Error('EPERM');
  const fails = (act: () => void): void => {
    selector.failure = refused;
    assert.throws(act, (error) => error === refused);
  };

  fails(() => registry.register(source, Token(1), READABLE));
  assert.equal(registry.size, 0);
  assert.equal(source.registry, undefined);
  assert.equal(source.interest, 0);
  assert.equal(source[generation], 0);
  registry.register(source, Token(1), READABLE);

  const before = source[generation];
  fails(() => registry.reregister(source, Token(2), WRITABLE));
  assert.equal(source.token, 1);
  assert.equal(source.interest, READABLE);
  assert.equal(source[generation], before);
  assert.equal(registry.size, 1);
  registry.reregister(source, Token(2), WRITABLE);
  registry.deregister(source);
  assert.equal(registry.size, 0);
});

test('the selector is asked for nothing that was refused before', () => {
  const selector = new FakeSelector();
  const { registry } = new Poll(selector);
  const other = new Poll(new FakeSelector()).registry;
  const source = descriptor(5);
  const attempts = [
    () => registry.register(source, -1 as Token, READABLE),
    () => registry.register(source, Token(1), 0),
    () => registry.reregister(source, Token(1), READABLE),
    () => registry.deregister(source),
    () => other.deregister(source),
  ];
  for (const attempt of attempts) assert.throws(attempt);
  assert.deepEqual(selector.take(), []);
  registry.register(source, Token(1), READABLE);
  assert.deepEqual(selector.take(), ['add 5 1']);
  for (const attempt of [
    () => registry.register(source, Token(1), READABLE),
    () => registry.reregister(source, Token(1), 0),
    () => other.register(source, Token(1), READABLE),
    () => other.reregister(source, Token(1), READABLE),
    () => other.deregister(source),
  ]) {
    assert.throws(attempt);
  }
  assert.deepEqual(selector.take(), []);
  source.close();
  source.close();
  assert.deepEqual(selector.take(), ['remove 5']);
});

test('a registry without descriptors refuses them, and nothing has changed', () => {
  const { registry } = new Poll(new UserSpaceSelector());
  const source = descriptor(5);
  const code = (error: unknown): boolean => isEvloopError(error, 'EVLOOP_UNSUPPORTED');
  assert.throws(() => registry.register(source, Token(0), READABLE), code);
  assert.equal(registry.size, 0);
  new Poll(new FakeSelector()).registry.register(source, Token(0), READABLE);
});

test('a source that was registered with a poll that is closed is free', () => {
  const [first, second] = [new FakeSelector(), new FakeSelector()];
  const poll = new Poll(first);
  const other = new Poll(second);
  const source = descriptor(5);
  poll.registry.register(source, Token(0), READABLE);
  poll.close();
  assert.equal(source.registry, undefined);
  const code = (error: unknown): boolean => isEvloopError(error, 'EVLOOP_NOT_REGISTERED');
  assert.throws(() => other.registry.deregister(source), code);
  first.take();
  other.registry.register(source, Token(1), READABLE);
  source.close();
  assert.deepEqual(first.take(), [], 'a closed selector is not called');
  assert.deepEqual(second.take(), ['add 5 1', 'remove 5']);
});

test('any sequence of calls is either done, or refused for the right reason', () => {
  const call = fc.record({
    what: fc.constantFrom('register', 'reregister', 'deregister', 'close', 'refuse'),
    source: fc.nat(2),
    registry: fc.nat(1),
    token: fc.nat(3),
    interest: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
      const selectors = [new FakeSelector(), new FakeSelector()];
      const registries = selectors.map((selector) => new Poll(selector).registry);
      const sources = [descriptor(0), descriptor(1), descriptor(2)];
      const owner: (number | 'closed' | undefined)[] = [undefined, undefined, undefined];
      for (const { what, source: s, registry: r, token, interest } of calls) {
        const source = sources[s] as DescriptorRegistration;
        const registry = registries[r];
        if (registry === undefined) continue;
        if (what === 'close') {
          source.close();
          owner[s] = 'closed';
          continue;
        }
        const refused = what === 'refuse';
        const failure = refused ? new Error('refused') : undefined;
        const act = (): void => {
          if (failure !== undefined) (selectors[r] as FakeSelector).failure = failure;
          if (what === 'deregister') registry.deregister(source);
          else if (what === 'reregister') registry.reregister(source, Token(token), interest);
          else registry.register(source, Token(token), interest);
        };
        const expected = outcome(what, owner[s], r);
        const before = [source.token, source.interest, source.registry];
        if (expected === undefined && !refused) {
          act();
          owner[s] = what === 'deregister' ? undefined : r;
        } else {
          assert.throws(act, (error) =>
            expected === undefined ? error === failure : isEvloopError(error, expected),
          );
          assert.deepEqual([source.token, source.interest, source.registry], before);
        }
        (selectors[r] as FakeSelector).failure = undefined;
        for (const [i, each] of registries.entries()) {
          assert.equal(each.size, owner.filter((o) => o === i).length);
        }
      }
    }),
  );
});

function outcome(what: string, owner: number | 'closed' | undefined, registry: number) {
  if (owner === 'closed') return 'EVLOOP_CLOSED';
  if (what === 'register' || what === 'refuse') {
    return owner === undefined ? undefined : 'EVLOOP_ALREADY_REGISTERED';
  }
  if (owner === undefined) return 'EVLOOP_NOT_REGISTERED';
  return owner === registry ? undefined : 'EVLOOP_WRONG_REGISTRY';
}

test('a closed poll lets go of sources that delegate to others, which another poll may then take', () => {
  const inner = descriptor(7);
  const source: Source = {
    register: (...args) => inner.register(...args),
    reregister: (...args) => inner.reregister(...args),
    deregister: (registry) => inner.deregister(registry),
  };
  const first = new Poll(new FakeSelector());
  first.registry.register(source, Token(1), READABLE);
  first.close();
  const second = new Poll(new FakeSelector());
  second.registry.register(source, Token(2), READABLE);
  assert.equal(second.registry.size, 1);
  second.registry.deregister(source);
});
