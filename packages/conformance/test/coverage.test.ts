import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'vitest';
import { memoryBackend } from '../../memory/src/memory-backend.ts';
import { conformance } from '../src/index.ts';

/** Every id of the reference. */
const IDS: Record<string, string> = {
  INT: '1-4',
  EVT: '1-3',
  WAK: '1-4 6-7',
  POL: '1-8 10-12 14-17',
  REG: '2-5',
  TCP: '1-3 5-7 9-11 13-16',
  LIS: '1-10',
  STR: '1-14 16-18 20 22-24',
  UDP: '1-19 22-25 27-29 31-33',
  UXS: '1-7 9 11-14',
  UXL: '1-5 7-8',
  UXD: '1-7 9-11',
  PIP: '1 3-5',
  AIO: '1-2',
  WNP: '1-11',
  UNIT: '1-7',
  DOC: '1-14',
  GAP: '1-26',
};

const ROOT = new URL('../../../', import.meta.url);
const table = readFileSync(new URL('../mio-coverage.md', import.meta.url), 'utf8');
const rows = [...table.matchAll(/^\| ([A-Z]+-\d+)[^|]* \| (.*) \|$/gm)].map(([, id, cells]) => ({
  id: id as string,
  cells: (cells as string).split('<br>'),
}));

test('the table has every id of the reference, once each', () => {
  const wanted = Object.entries(IDS).flatMap(([prefix, ranges]) =>
    ranges.split(' ').flatMap((range) => {
      const [first, last] = range.split('-').map(Number) as [number, number?];
      return Array.from(
        { length: (last ?? first) - first + 1 },
        (_, i) => `${prefix}-${first + i}`,
      );
    }),
  );
  assert.deepEqual(rows.map(({ id }) => id).sort(), wanted.sort());
});

test('every test that the table names exists', () => {
  const names = new Set<string>();
  const collect = (name: string): void => {
    names.add(name.replace(/ \(skipped: .*\)$/, ''));
  };
  const test = Object.assign(collect, { skip: collect });
  conformance({ test, backend: memoryBackend() });
  for (const { id, cells } of rows) {
    for (const cell of cells) {
      if (cell.startsWith('– ')) continue;
      const name = /^(`+)(.*)\1$/.exec(cell)?.[2];
      assert.ok(name !== undefined, `${id}: ${cell}`);
      const [, file, title] = /^(packages\/\S+\.ts): (.*)$/.exec(name) ?? [];
      if (file === undefined) assert.ok(names.has(name), `${id}: there is no test ‘${name}’`);
      else checkOther(id, file, title as string);
    }
  }
});

function checkOther(id: string, file: string, title: string): void {
  const url = new URL(file, ROOT);
  assert.ok(existsSync(url), `${id}: there is no ${file}`);
  assert.ok(readFileSync(url, 'utf8').includes(title), `${id}: ${file} has no ‘${title}’`);
}
