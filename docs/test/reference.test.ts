import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../src/blocks.mjs';

test('the front page of the reference lists each package with its line, evloop first', () => {
  const page = readFileSync(join(root, 'docs/reference.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, name, line]) => [
    name,
    line,
  ]);
  const packages = readdirSync(join(root, 'packages')).map((folder) => {
    const file = join(root, 'packages', folder, 'package.json');
    const { name, description } = JSON.parse(readFileSync(file, 'utf8'));
    return [name, description];
  });
  expect(rows[0]?.[0]).toBe('evloop');
  expect([...rows].sort()).toEqual([...packages].sort());
});
