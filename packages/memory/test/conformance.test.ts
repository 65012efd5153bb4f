import { conformance } from '@evloop/conformance';
import { describe, test } from 'vitest';
import * as backend from '../src/index.ts';

describe('memory', () => {
  conformance({
    test,
    backend,
    module: new URL('../dist/index.js', import.meta.url),
    timing: { quietMs: 3 },
  });
});
