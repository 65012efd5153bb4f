// Each skipped test has a reason in the last lines of `npm test`: tools/dev/count-reporter.mjs.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reasonOf } from '../../tools/dev/count-reporter.mjs';
import { onlyIf } from '../src/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = ['docs', 'examples', 'bench', 'testing'].concat(
  readdirSync(join(root, 'packages')).map((name) => `packages/${name}`),
);

/** A skip without a reason. `skip` of a running test has one as its argument. */
const SILENT = /\.(?:skipIf|runIf|skip|todo)\b(?!\?\.)|\bskip\(\)/;
/** They skip through the conformance suite, whose titles hold the reason. */
const THROUGH_THE_SUITE = new Set([
  'packages/conformance/test/broken-full-table.test.ts',
  'packages/sim/test/conformance.test.ts',
  'testing/test/skips.test.ts',
]);

test('no test is skipped without a reason', () => {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/test/${file}`),
  );
  expect(files.length).toBeGreaterThan(200);
  const silent = files.filter(
    (file) => !THROUGH_THE_SUITE.has(file) && SILENT.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(silent).toEqual([]);
});

test('the reason of a skipped test is that of its options, of its call, or of its title', () => {
  const skipped = (parts: { meta?: object; note?: string; title?: string }): string =>
    reasonOf({
      meta: () => parts.meta ?? {},
      result: () => ({ note: parts.note }),
      fullName: parts.title ?? 'a title',
    });
  expect(skipped({ meta: onlyIf(false, 'it needs root').meta })).toBe('it needs root');
  expect(skipped({ note: 'no memory' })).toBe('no memory');
  expect(skipped({ title: 'udp: cut (skipped: supports.cut is false)' })).toBe(
    'supports.cut is false',
  );
  expect(skipped({})).toBe('no reason is given');
});

test('a test that can run has no reason to be skipped', () => {
  expect(onlyIf(true, 'it needs root')).toEqual({ meta: {} });
});
