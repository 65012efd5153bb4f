import type { TaskMeta, TestOptions } from 'vitest';
import { noNativeObject } from './native-object.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** Why the test is skipped, as half a sentence. The last lines of a test run list it. */
    skippedBecause?: string;
  }
}

/** The options of a test or of a `describe` that may be skipped. */
export type SkipOptions = TestOptions & { readonly meta: TaskMeta };

/**
 * Returns the options of a test or of a `describe` that runs only under a condition. Elsewhere it
 * is skipped, and the last lines of the test run give the reason. vitest's own `skipIf`, `runIf`
 * and `skip` give none.
 *
 *     test('binds a name', onlyIf(linux, 'abstract names are Linux only'), () => { … });
 *
 * @param reason why it cannot run, as half a sentence
 */
export function onlyIf(able: boolean, reason: string): SkipOptions {
  return able ? { meta: {} } : { skip: true, meta: { skippedBecause: reason } };
}

/** The options of what needs the native object, outside of the tests of @evloop/epoll. */
export const needsNative: SkipOptions = onlyIf(noNativeObject === undefined, noNativeObject ?? '');
