import { modelTests } from '@evloop/conformance';
import * as fastCheck from 'fast-check';
import { test } from 'vitest';
import * as backend from '../src/index.ts';

const seed = process.env['EVLOOP_SEED'];

// Random programs against a model of the contract. A failing one prints its seed, and itself as a
// script.
modelTests({
  test: (name, run) => test(name, { timeout: 600_000 }, run),
  backend,
  fastCheck,
  runs: Number(process.env['EVLOOP_RUNS'] ?? 1000),
  timeLimitMs: 240_000,
  report: (sentence) => process.stdout.write(`${sentence}\n`),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
});
