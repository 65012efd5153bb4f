import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { Parts } from '../../memory/src/memory-backend.ts';
import { firstFailure } from './first-failure.ts';

/** What is wrong, the whole name of the test that must notice, and the parts that are wrong. */
export type Broken = readonly [what: string, name: string, parts: Partial<Parts>];

/**
 * Adds tests: each fault is noticed by the test that it names, and these tests pass without a
 * fault.
 */
export function eachIsCaught(broken: readonly Broken[], kind = 'a backend'): void {
  for (const [what, name, parts] of broken) {
    test(`${kind} that ${what} is caught by ‘${name}’`, async () => {
      assert.notEqual(await firstFailure(name, parts, 300), undefined);
    });
  }

  test(`${kind} that is right is not caught`, async () => {
    for (const name of new Set(broken.map(([, name]) => name))) {
      assert.equal(await firstFailure(name, {}, 60_000), undefined);
    }
  });
}
