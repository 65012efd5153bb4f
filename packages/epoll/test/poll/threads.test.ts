import { expect, test } from 'vitest';
import { runProgram } from '../support/program.ts';

test('200 workers that are terminated at random moments, blocked in pollSync or not, crash nothing, hang nowhere and leave no descriptor', async () => {
  const { code, signal, stdout, stderr } = await runProgram('terminated-workers.mjs');
  expect({ code, signal }, stderr).toEqual({ code: 0, signal: null });
  const { rounds, before, after, slowest } = JSON.parse(stdout);
  expect(rounds).toBe(200);
  expect(after).toBe(before);
  expect(slowest).toBeLessThan(10_000);
});
