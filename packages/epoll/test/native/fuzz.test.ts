import { expect, test } from 'vitest';
import { runProgram } from '../support/program.ts';

// A sample; the million under sanitizers is sanitize.sh.
test('arguments of all kinds crash nothing, and every refusal is a TypeError or a RangeError', async () => {
  const { code, signal, stdout, stderr } = await runProgram('fuzzed-binding.mjs', {
    args: ['50000', String(Date.now() % 100_000)],
  });
  expect({ code, signal }, stderr).toEqual({ code: 0, signal: null });
  const { calls, results, errors, refusals, strange } = JSON.parse(stdout);
  expect({ calls, strange }).toEqual({ calls: 50_000, strange: 0 });
  expect(results + errors + refusals).toBe(calls);
});
