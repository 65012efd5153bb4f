import { conformance } from '@evloop/conformance';
import { describe, test } from 'vitest';
import * as backend from '../src/index.ts';

const module = new URL('../dist/index.js', import.meta.url);

describe('epoll, poll', () => {
  conformance({ test, backend, module });
});

describe('epoll, pollSync', () => {
  conformance({ test, backend, module, mode: 'sync' });
});
