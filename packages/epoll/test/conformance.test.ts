import { conformance } from '@evloop/conformance';
import { describe, test } from 'vitest';
import * as backend from '../src/index.ts';

describe('epoll, poll', () => {
  conformance({ test, backend });
});

describe('epoll, pollSync', () => {
  conformance({ test, backend, mode: 'sync' });
});
