import { expect, test } from 'vitest';
import { runProgram } from '../support/program.ts';

const CONNECTIONS = 10_000;

test('an idle connection takes at most 400 bytes of heap, and half of what it takes on node:net in all', async () => {
  const measure = async (kind: string): Promise<{ heap: number; resident: number }> => {
    const { stdout, stderr } = await runProgram('heap-per-connection.mjs', {
      args: [kind, String(CONNECTIONS)],
      node: ['--expose-gc'],
    });
    return JSON.parse(stdout || JSON.stringify(stderr));
  };
  const here = await measure('epoll');
  expect(here.heap).toBeLessThanOrEqual(400);
  expect(here.resident).toBeLessThanOrEqual((await measure('net')).resident / 2);
});

test('100,000 connections, half of them reset, leave no descriptor and no heap behind', async () => {
  const { stdout, stderr } = await runProgram('many-connections.mjs', {
    args: ['100000'],
    node: ['--expose-gc'],
  });
  const result = JSON.parse(stdout || JSON.stringify(stderr));
  expect(result).toMatchObject({ accepted: 100_000, ended: 50_000, reset: 50_000, other: 0 });
  expect(result).toMatchObject({ descriptors: 0, registered: 16 });
  // Noise: what V8 compiles meanwhile. One lost object each would be 5 MB.
  expect(Math.abs(result.heap)).toBeLessThan(500_000);
});
