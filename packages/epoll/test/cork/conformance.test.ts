import { conformance } from '@evloop/conformance';
import { describe, test } from 'vitest';
import { corked } from '../support/corked.ts';

const module = new URL('../../dist/index.js', import.meta.url);

describe('epoll corked, poll', () => {
  conformance({ test, backend: corked, module });
});

describe('epoll corked, pollSync', () => {
  conformance({ test, backend: corked, module, mode: 'sync' });
});
