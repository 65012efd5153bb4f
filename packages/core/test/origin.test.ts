import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from 'vitest';
import { captureOrigin, type Leftover, unwatchOrigin, watchOrigin } from '../src/backend.ts';

test('an origin names the caller, and leaves the limit of stack traces alone', () => {
  function make(): { toString(): string } {
    return captureOrigin('Thing made', make);
  }
  const limit = Error.stackTraceLimit;
  assert.match(make().toString(), /^Thing made at .*origin\.test\.ts:\d+:\d+\)?$/);
  assert.equal(Error.stackTraceLimit, limit);
  const stackless = { stackTraceLimit: Error.stackTraceLimit };
  Error.stackTraceLimit = 0;
  assert.match(make().toString(), /^Thing made at /);
  assert.equal(Error.stackTraceLimit, 0);
  Error.stackTraceLimit = stackless.stackTraceLimit;
});

/** The warnings while `lose` runs, and until so many sources were released. */
async function warningsOf(
  sources: number,
  lose: (watch: (name: string) => Leftover) => void,
): Promise<{ released: string[]; warnings: { message: string; code?: string }[] }> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const released: string[] = [];
  const warnings: { message: string; code?: string }[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  lose((name) => {
    const origin = { toString: () => `${name} made at here` };
    const leftover = { release: () => void released.push(name), origin };
    watchOrigin({}, leftover);
    return leftover;
  });
  while (released.length < sources) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
  }
  // A warning is emitted in the tick after.
  await new Promise(setImmediate);
  process.off('warning', listen);
  return { released, warnings };
}

test('a source that is lost is released, with a warning; one that is not watched any more is not', async () => {
  const { released, warnings } = await warningsOf(1, (watch) => {
    unwatchOrigin(watch('closed'));
    watch('lost');
  });
  assert.deepEqual(released, ['lost']);
  assert.equal(warnings.length, 1);
  assert.equal(warnings[0]?.code, 'EVLOOP_LOST_SOURCE');
  assert.match(warnings[0]?.message ?? '', /: lost made at here$/);
});

test('the watch can also be ended once the source has outlived collections', async () => {
  const released: string[] = [];
  let source: object | undefined = {};
  const leftover = { release: () => void released.push('closed'), origin: { toString: () => '' } };
  watchOrigin(source, leftover);
  await warningsOf(1, (watch) => void watch('lost meanwhile'));
  assert.ok(source);
  unwatchOrigin(leftover);
  source = undefined;
  await warningsOf(1, (watch) => void watch('lost afterwards'));
  assert.deepEqual(released, []);
});

test('10,000 lost sources of one place are five warnings, and another place has its own', async () => {
  const { released, warnings } = await warningsOf(10_001, (watch) => {
    for (let i = 0; i < 10_000; i++) watch('many');
    watch('one more');
  });
  assert.equal(released.length, 10_001);
  const messages = warnings.map(({ message }) => message.replace(/^.*: /, ''));
  assert.deepEqual(messages.sort(), [
    'many made at here',
    'many made at here (10 of them so far)',
    'many made at here (100 of them so far)',
    'many made at here (1000 of them so far)',
    'many made at here (10000 of them so far)',
    'one more made at here',
  ]);
});

/** What `run` gives while a property of `Error` is another one. */
function whileError<T>(property: PropertyDescriptor & { name: string }, run: () => T): T {
  const { name, ...descriptor } = property;
  const before = Object.getOwnPropertyDescriptor(Error, name);
  Object.defineProperty(Error, name, { configurable: true, ...descriptor });
  try {
    return run();
  } finally {
    if (before === undefined) delete (Error as unknown as Record<string, unknown>)[name];
    else Object.defineProperty(Error, name, before);
  }
}

const never = (): never => {
  throw new Error('not now');
};

function made(): string {
  return String(captureOrigin('Thing made', made));
}

test('an origin is captured where the limit of stack traces cannot be changed', () => {
  const place = /^Thing made at .*origin\.test\.ts:\d+:\d+\)?$/;
  const limited = (limit: PropertyDescriptor): string =>
    whileError({ name: 'stackTraceLimit', ...limit }, made);
  assert.match(limited({ value: 10, writable: false }), place);
  // V8 captures nothing where it is not a number.
  assert.equal(limited({ get: () => 10, set: never }), 'Thing made');
  assert.equal(limited({ get: never }), 'Thing made');
});

test('an origin without a place is its kind: nothing that the program puts into Error throws', () => {
  const capture = { name: 'captureStackTrace', value: never };
  assert.equal(whileError(capture, made), 'Thing made');
  assert.equal(whileError({ name: 'captureStackTrace', value: undefined }, made), 'Thing made');
  const prepared = (value: unknown): string =>
    whileError({ name: 'prepareStackTrace', value }, made);
  assert.equal(prepared(never), 'Thing made');
  assert.equal(
    prepared(() => 7),
    'Thing made',
  );
  assert.equal(
    prepared(() => []),
    'Thing made',
  );
  assert.match(
    prepared((_error: Error, sites: unknown[]) => sites),
    /^Thing made at .*origin\.test\.ts/,
  );
});

test('a lost source whose origin or whose warning throws is released, and the process goes on', async () => {
  const { emitWarning } = process;
  try {
    process.emitWarning = never;
    const { released, warnings } = await warningsOf(1, (watch) => void watch('unwarned'));
    assert.deepEqual([released, warnings], [['unwarned'], []]);
  } finally {
    process.emitWarning = emitWarning;
  }
});
