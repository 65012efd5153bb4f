import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from 'vitest';
import { captureOrigin, unwatchOrigin, watchOrigin } from '../src/index.ts';

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

test('a source that is lost is released, with a warning; one that is not watched any more is not', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const released: string[] = [];
  const warnings: { message: string; code?: string }[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  (() => {
    for (const name of ['lost', 'closed']) {
      const origin = { toString: () => `${name} made at here` };
      const leftover = { release: () => void released.push(name), origin };
      watchOrigin({}, leftover);
      if (name === 'closed') unwatchOrigin(leftover);
    }
  })();
  for (let i = 0; i < 50 && warnings.length === 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
  }
  process.off('warning', listen);
  assert.deepEqual(released, ['lost']);
  assert.equal(warnings.length, 1);
  assert.equal(warnings[0]?.code, 'EVLOOP_LOST_SOURCE');
  assert.match(warnings[0]?.message ?? '', /lost made at here/);
});
