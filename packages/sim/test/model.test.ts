import { modelTests } from '@evloop/conformance';
import * as fastCheck from 'fast-check';
import { test } from 'vitest';
import * as backend from '../src/index.ts';
import { clock, inside } from './inside.ts';

const seed = process.env['EVLOOP_SEED'];

modelTests({
  test: (name, run) => test(name, { timeout: 600_000 }, () => inside(run, { until: '1000000s' })),
  backend,
  clock,
  fastCheck,
  runs: Number(process.env['EVLOOP_RUNS'] ?? 300),
  report: (sentence) => process.stdout.write(`${sentence}\n`),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
});
