import { conformance } from '@evloop/conformance';
import { test as vitest } from 'vitest';
import * as backend from '../src/index.ts';
import { clock, descriptors, inside } from './inside.ts';

const test = Object.assign(
  (name: string, run: () => Promise<void>) => vitest(name, () => inside(run)),
  { skip: vitest.skip },
);

conformance({ test, backend, clock, descriptors, timing: { quietMs: 500 } });
