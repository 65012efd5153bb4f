import { expect, test } from 'vitest';
import { runProgram } from '../support/program.ts';

test.each([
  ['linked', 'two hard links of the native object'],
  ['same', 'one native object'],
])(
  'a worker that evaluates the package twice (%s: %s) closes its own descriptors, and no others, when it ends',
  async (how) => {
    const { code, stdout, stderr } = await runProgram('evaluated-twice.mjs', { args: [how] });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ lost: [], left: [] });
  },
);
