// The page "Find the bug that happens once a week" shows what its first program prints.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { blocksOf, root } from '../src/blocks.mjs';
import { compile, moduleOf } from './compile.ts';

vi.setConfig({ testTimeout: 300_000 });

const page = 'docs/find-the-bug.md';
const folder = join(root, 'docs/build/find-the-bug');

it('shows the failure that its program finds, and a picture that exists', () => {
  const [program, report] = blocksOf(page).filter(({ language }) => language !== 'sh');
  if (program === undefined || report === undefined) throw new Error('the page has no program');
  expect(compile(folder, [program], true)).toBe('');
  const { stdout } = spawnSync(process.execPath, [`${moduleOf(program)}.js`], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout.trimEnd()).toBe(report.text);
  expect(existsSync(join(root, 'docs/chat-run.html'))).toBe(true);
});
