import { onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';
import { supports } from '../src/index.ts';
import { runProgram } from './program.ts';

test(
  'a worker of a cluster binds and adopts for itself, not through the primary',
  onlyIf(supports.adoptFd, 'supports.adoptFd is false'),
  async () => {
    const { code, stdout, stderr } = await runProgram('clustered.mjs');
    expect(code, stderr).toBe(0);
    const [first, second] = JSON.parse(stdout);
    expect(first.tcp).toMatchObject({ address: '127.0.0.1' });
    expect(first.unix).toMatch(/bound$/);
    expect([second.tcp, second.unix]).toEqual(['EADDRINUSE', 'EADDRINUSE']);
    expect([first.same, second.same]).toEqual([
      [true, true],
      [true, true],
    ]);
    expect(first.greetings).toEqual(['worker 1', 'worker 1']);
    expect(second.greetings).toEqual(['worker 2', 'worker 2']);
  },
);
