import { conformance } from '@evloop/conformance';
import { describe, test } from 'vitest';
import { corked } from '../support/corked.ts';

const module = new URL('../../dist/index.js', import.meta.url);

// Without the native object each test is skipped, so that this one stands for all.
if (corked.unavailable !== undefined) test('the conformance suite, corked', () => {});
else {
  describe('epoll corked, poll', () => {
    conformance({ test, backend: corked, module });
  });

  describe('epoll corked, pollSync', () => {
    conformance({ test, backend: corked, module, mode: 'sync' });
  });
}
