import { modelTests } from '@evloop/conformance';
import * as fastCheck from 'fast-check';
import { describe, test } from 'vitest';
import * as backend from '../src/index.ts';

const seed = process.env['EVLOOP_SEED'];

// Without the native object each test is skipped, so that this one stands for all.
const modes = backend.unavailable === undefined ? (['async', 'sync'] as const) : [];
if (modes.length === 0) test('the model', () => {});

// Random programs against a model of the contract. A failing one prints its seed, and itself as a
// script.
for (const mode of modes) {
  describe(mode, () => {
    modelTests({
      test: (name, run) => test(name, { timeout: 600_000 }, run),
      backend,
      mode,
      fastCheck,
      runs: Number(process.env['EVLOOP_RUNS'] ?? 1000),
      timeLimitMs: 240_000,
      report: (sentence) => process.stdout.write(`${mode}: ${sentence}\n`),
      ...(seed === undefined ? {} : { seed: Number(seed) }),
    });
  });
}
