import { describe, test } from 'vitest';
import { memoryBackend } from '../../memory/src/memory-backend.ts';
import { conformance } from '../src/index.ts';

describe('the backend in memory', () => {
  conformance({ test, backend: memoryBackend(), timing: { quietMs: 3 } });
});
