import type { Backend, Unavailable } from '@evloop/core';
import { expect, test } from 'vitest';
import { chooseBackend } from '../src/choose-backend.ts';

const named = (name: string, unavailable?: Unavailable): Backend =>
  ({ name, unavailable }) as Backend;
const without = (kind: Unavailable['kind'], reason: string): Unavailable => ({
  kind,
  reason,
  advice: 'mend it',
});
const names = ['best', 'other'];
const choose = (forced: string | undefined, ...backends: Backend[]) =>
  chooseBackend(forced, Object.fromEntries(backends.map((each) => [each.name, each])), names);

test('takes the first that is available', () => {
  for (const forced of [undefined, '']) {
    const { backend, missed } = choose(forced, named('best'), named('other'));
    expect([backend.name, missed]).toEqual(['best', undefined]);
  }
});

test('passes over one that is unavailable, and says which and why', () => {
  const why = without('installation', 'no object');
  const { backend, missed } = choose(undefined, named('best', why), named('other'));
  expect([backend.name, missed]).toEqual(['other', { name: 'best', why }]);
});

test('a machine that never runs the better backend misses nothing', () => {
  const why = without('machine', 'Linux only');
  const { backend, missed } = choose(undefined, named('best', why), named('other'));
  expect([backend.name, missed]).toEqual(['other', undefined]);
});

test('an invalid variable of a backend is an error, not a reason to take another', () => {
  const why = without('setting', "invalid FOLDER: 'x'");
  expect(() => choose(undefined, named('best', why), named('other'))).toThrow(
    expect.objectContaining({ code: 'EVLOOP_UNSUPPORTED', message: "invalid FOLDER: 'x'" }),
  );
  expect(choose('other', named('best', why), named('other')).backend.name).toBe('other');
});

test('says why each is missing when none is available', () => {
  const best = named('best', without('installation', 'no object'));
  const other = named('other', without('machine', 'no network'));
  expect(() => choose(undefined, best, other)).toThrow(
    expect.objectContaining({
      code: 'EVLOOP_UNSUPPORTED',
      message: 'no backend can run here (best: no object; other: no network)',
    }),
  );
});

test('a backend outside the automatic ones is chosen only by its name', () => {
  const special = named('special');
  const best = named('best', without('machine', 'never'));
  const other = named('other', without('machine', 'never'));
  expect(choose('special', best, other, special).backend).toBe(special);
  expect(() => choose(undefined, best, other, special)).toThrow('no backend can run here');
});

test('a forced one that is unavailable is an error with the reason', () => {
  const best = named('best', without('installation', 'no object'));
  expect(() => choose('best', best, named('other'))).toThrow(
    expect.objectContaining({
      code: 'EVLOOP_UNSUPPORTED',
      message: 'EVLOOP_BACKEND=best: this backend cannot run here: no object',
    }),
  );
});

test.each(['best ', 'Best', 'toString', '__proto__'])('%j is no backend', (name) => {
  expect(() => choose(name, named('best'))).toThrow(
    expect.objectContaining({
      code: 'EVLOOP_UNSUPPORTED',
      message: `invalid EVLOOP_BACKEND: '${name}' (expected best)`,
    }),
  );
});
