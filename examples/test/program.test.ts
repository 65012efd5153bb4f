import { readFileSync } from 'node:fs';
import { onlyIf } from '@evloop/testing';
import { afterAll, expect, it } from 'vitest';
import { Program, sleep } from './program.ts';

let sleeper = 0;
afterAll(async () => {
  while (runs(sleeper)) await sleep(10);
});

/** Whether a process runs. One that has ended and that its parent has not asked about does not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

// These leave something behind: the hook after them must not wait for what will not come.
it('a program that is not installed fails its test at once', async () => {
  const program = new Program('a-program-that-is-not-installed', []);
  await expect(program.ended).rejects.toThrow(/ENOENT/);
});

it(
  'the end of a test also ends what a program has started, although it holds the pipes open',
  onlyIf(process.platform === 'linux', 'it needs Linux'),
  async () => {
    const program = new Program('/bin/sh', ['-c', 'sleep 1000 & echo $!; wait']);
    sleeper = Number((await program.printed(/\d+\n/))[0]);
  },
);
