import { type Backend, EvloopError } from '@evloop/core';
import { expect, test } from 'vitest';
import { chooseBackend, type Load, reasonOf } from '../src/choose-backend.ts';

const named = (name: string): Backend => ({ name }) as Backend;
const loads =
  (name: string): Load =>
  () =>
    Promise.resolve(named(name));
const missing =
  (why: string): Load =>
  () =>
    Promise.reject(new EvloopError('EVLOOP_UNSUPPORTED', `@evloop/best: ${why}`));

test('takes the first that loads', async () => {
  const backends = { best: loads('best'), other: loads('other') };
  expect((await chooseBackend(undefined, backends)).name).toBe('best');
  expect((await chooseBackend('', backends)).name).toBe('best');
});

test('passes over one that is not available, and none that is broken', async () => {
  const unavailable = { best: missing('no object'), other: loads('other') };
  expect((await chooseBackend(undefined, unavailable)).name).toBe('other');

  const broken = { best: () => Promise.reject(new SyntaxError('oops')), other: loads('other') };
  await expect(chooseBackend(undefined, broken)).rejects.toThrow(SyntaxError);
});

test('says why each is missing when none loads', async () => {
  const backends = { best: missing('no object'), other: missing('no network') };
  await expect(chooseBackend(undefined, backends)).rejects.toMatchObject({
    code: 'EVLOOP_UNSUPPORTED',
    message: 'no backend can be loaded here (best: no object; other: no network)',
  });
});

test('a forced one is the only one that is tried', async () => {
  let tried = 0;
  const best: Load = () => {
    tried += 1;
    return Promise.resolve(named('best'));
  };
  expect((await chooseBackend('other', { best, other: loads('other') })).name).toBe('other');
  expect(tried).toBe(0);
});

test('a forced one that does not load is an error with the reason, however it fails', async () => {
  const cause = new SyntaxError('oops');
  const backends = {
    best: missing('no object'),
    broken: () => Promise.reject(cause),
    other: loads('other'),
  };
  await expect(chooseBackend('best', backends)).rejects.toMatchObject({
    code: 'EVLOOP_UNSUPPORTED',
    message: 'EVLOOP_BACKEND=best: this backend cannot be loaded: no object',
  });
  await expect(chooseBackend('broken', backends)).rejects.toMatchObject({
    code: 'EVLOOP_UNSUPPORTED',
    cause,
  });
});

test.each(['best ', 'Best', 'toString', '__proto__'])('%j is no backend', async (name) => {
  await expect(chooseBackend(name, { best: loads('best') })).rejects.toMatchObject({
    code: 'EVLOOP_UNSUPPORTED',
    message: `EVLOOP_BACKEND=${name}: there is no such backend; use best`,
  });
});

test('a reason is one line', () => {
  const error = new Error("Cannot find module 'x'\nRequire stack:\n- a.js\n- b.js");
  expect(reasonOf(error)).toBe("Cannot find module 'x'");
  expect(reasonOf('text')).toBe('text');
});
