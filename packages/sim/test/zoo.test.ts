import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { explore, formatReport } from '../src/index.ts';
import { ANIMALS } from './zoo/animals.ts';

/** How many seeds each correct program runs, and for how long at the most. */
const RUNS = Number(process.env['EVLOOP_SIM_RUNS'] ?? 200);
const LIMIT_MS = Number(process.env['EVLOOP_SIM_MS'] ?? 20_000);

for (const { bug, within, shrunkTo, options, run } of ANIMALS) {
  describe(bug, () => {
    test(`is found within ${within} seeds, and shrunk to ${shrunkTo} choices`, async () => {
      const report = await explore({ ...options, runs: within }, run(false));
      assert.ok(report.found !== undefined, `not found in ${within} seeds`);
      const { choices } = report.found;
      assert.ok(choices.length <= shrunkTo, formatReport(report));
    });

    const timeout = LIMIT_MS + 300_000;
    test('its correct twin raises no alarm', { timeout }, async () => {
      const start = performance.now();
      let runs = 0;
      // In parts, so that a slow machine comes to an end.
      for (; runs < RUNS && performance.now() - start < LIMIT_MS; runs += 50) {
        const report = await explore({ ...options, seed: 1 + runs, runs: 50 }, run(true));
        assert.ok(report.found === undefined, formatReport(report));
      }
      process.stdout.write(`sim: ${bug}: the correct twin passed ${runs} seeds\n`);
    });
  });
}
