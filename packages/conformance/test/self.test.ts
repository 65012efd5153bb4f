import { describe, test } from 'vitest';
import { conformance } from '../src/index.ts';
import { minimalBackend } from './minimal-backend.ts';

describe('the minimal backend', () => {
  conformance({ test, backend: minimalBackend(), timing: { quietMs: 3 } });
});
