import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findProgram } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a program is found on the PATH if it may be executed', () => {
  const program = join(folder, 'a-program-of-this-test');
  writeFileSync(program, '');
  const path = ['/nowhere', folder].join(delimiter);
  chmodSync(program, 0o644);
  expect(findProgram('a-program-of-this-test', path)).toBeUndefined();
  chmodSync(program, 0o755);
  expect(findProgram('a-program-of-this-test', path)).toBe(program);
  expect(findProgram('a-program-of-this-test', '')).toBeUndefined();
});
