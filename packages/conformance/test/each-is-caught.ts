import assert from 'node:assert/strict';
import { test } from 'vitest';
import type { Parts } from '../../memory/src/memory-backend.ts';
import { firstFailure } from './first-failure.ts';

/** What is wrong, the chapter that must notice, and the parts that are wrong. */
export type Broken = readonly [what: string, chapter: string, parts: Partial<Parts>];

/** Adds the tests that each is caught by its chapter, and that the chapters find no fault with what is right. */
export function eachIsCaught(broken: readonly Broken[], kind = 'a backend'): void {
  for (const [what, chapter, parts] of broken) {
    test(`${kind} that ${what} is caught by ‘${chapter}’`, async () => {
      assert.notEqual(await firstFailure(chapter, parts, 300), undefined);
    });
  }

  test(`${kind} that is right is not caught`, async () => {
    for (const chapter of new Set(broken.map(([, name]) => name))) {
      assert.equal(await firstFailure(chapter, {}, 60_000), undefined);
    }
  });
}
