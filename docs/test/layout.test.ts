// Each rule of check:layout about imports and the width of prose fails on what it forbids.
import { expect, it } from 'vitest';
import { findCycles, wideProse, wrongEntryPoints } from '../../tools/ci/layout-rules.mjs';

it('finds a circle of files, types included, and no other', () => {
  const sources = new Map([
    ['a/one.ts', "import { two } from './two.ts';\nimport './leaf.ts';"],
    ['a/two.ts', "import type { Three } from '../b/three.ts';"],
    ['b/three.ts', "export { one } from '../a/one.ts';"],
    ['a/leaf.ts', "// import './one.ts';"],
  ]);
  expect(findCycles(sources).map((circle) => circle.toSorted())).toEqual([
    ['a/one.ts', 'a/two.ts', 'b/three.ts'],
  ]);
  sources.set('b/three.ts', 'export const one = 1;');
  expect(findCycles(sources)).toEqual([]);
});

it('finds comments and prose above 100 columns, and lets tables, code and URLs be', () => {
  const long = 'word '.repeat(20);
  const comments = [`/** ${long} */`, `  // ${long}`, ` * ${long}`, ` * | ${long} |`];
  const source = [`const text = '${long}';`, ...comments].join('\n');
  expect(wideProse('one.ts', source)).toEqual([2, 3, 4]);
  expect(wideProse('one.ts', `// https://example.com/${long}`)).toEqual([]);
  const document = `${long}.\n| ${long} |\n\`\`\`\n${long}.\n\`\`\`\n${long}.`;
  expect(wideProse('one.md', document)).toEqual([1, 6]);
  expect(wideProse('one.ts', `// ${'x'.repeat(97)}`)).toEqual([]);
});

it('finds imports through the wrong entry point', () => {
  const entryPoints = new Map([
    ['@evloop/core', ['.', './backend']],
    ['evloop', ['.']],
  ]);
  const wrong = (file: string, specifier: string): number =>
    wrongEntryPoints(file, `import { it } from '${specifier}';`, entryPoints).length;
  expect(wrong('examples/tcp_server.ts', '@evloop/core/backend')).toBe(1);
  expect(wrong('examples/tcp_server.ts', '@evloop/core/dist/poll.js')).toBe(1);
  expect(wrong('packages/net/src/poll.ts', '../../core/src/poll.ts')).toBe(1);
  expect(wrong('packages/net/src/poll.ts', '@evloop/core/backend')).toBe(0);
  expect(wrong('packages/net/src/poll.ts', './supports.ts')).toBe(0);
  expect(wrong('examples/tcp_server.ts', '@evloop/core')).toBe(0);
  expect(wrong('examples/tcp_server.ts', 'evloop')).toBe(0);
  expect(wrong('examples/tcp_server.ts', 'node:net')).toBe(0);
});
