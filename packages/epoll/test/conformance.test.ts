import { conformance } from '@evloop/conformance';
import { describe, test } from 'vitest';
import * as backend from '../src/index.ts';

const module = new URL('../dist/index.js', import.meta.url);

// Without the native object each test is skipped, so that this one stands for all.
if (backend.unavailable !== undefined) test('the conformance suite', () => {});
else {
  describe('epoll, poll', () => {
    conformance({ test, backend, module });
  });

  describe('epoll, pollSync', () => {
    conformance({ test, backend, module, mode: 'sync' });
  });
}
