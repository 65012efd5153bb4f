import { conformance } from '@evloop/conformance';
import { test } from 'vitest';
import * as backend from '../src/index.ts';

conformance({ test, backend, module: new URL('../dist/index.js', import.meta.url) });
