import { expect, test } from 'vitest';
import { runProgram } from '../support/program.ts';

test('a datagram makes no object and no string, with all that the kernel tells of it', async () => {
  const { stdout, stderr } = await runProgram('datagram-garbage.mjs', {
    node: ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'],
  });
  // The smallest object has 12 bytes. Noise: what V8 compiles meanwhile, and the waits.
  expect([Number(stdout) < 1, stderr]).toEqual([true, '']);
});

test('all that the kernel tells of a datagram costs a fraction of an echo', async () => {
  const { stdout, stderr } = await runProgram('options-cost.mjs');
  // At rest 1.10; the target is 1.15.
  expect([Number(stdout) < 1.3, stderr]).toEqual([true, '']);
});
