// What is no whole program compiles too: the fragments in the documents, the examples in
// docstrings, and the tables of exports.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it, vi } from 'vitest';
import { allBlocks, documents, root } from '../src/blocks.mjs';
import { compile, type Piece } from './compile.ts';
import { docstringExamples } from './docstrings.ts';

vi.setConfig({ testTimeout: 600_000 });

const folder = join(root, 'docs/build/fragments');

// A backend's tests import the backend as ../src/index.ts.
beforeAll(() => {
  const backend = join(root, 'docs/build/src');
  mkdirSync(backend, { recursive: true });
  writeFileSync(join(backend, 'index.ts'), "export * from '@evloop/net';\n");
});

const readmes = documents().filter((file) => /^packages\/[^/]+\/README\.md$/.test(file));

/**
 * The names in the first column of a README's table of exports; `a.b` is a member of one of them,
 * and what begins small is mostly a method. A heading such as `@evloop/core/backend` begins the
 * table of another entry point.
 */
function exportsTables(file: string): Piece[] {
  const text = readFileSync(join(root, file), 'utf8');
  const [, section = ''] = /^## Exports\n([\s\S]*?)^## /m.exec(text) ?? [];
  const { name } = JSON.parse(readFileSync(join(root, file, '../package.json'), 'utf8'));
  const [main = '', ...others] = section.split(/^### /m);
  return [`\`${name}\`\n${main}`, ...others].map((table, i) => {
    const [, specifier] = /^`([^`]+)`/.exec(table) ?? [];
    const cells = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell);
    const names = cells.flatMap((cell) =>
      [...cell.matchAll(/`([A-Z]\w+)`/g)].map(([, each]) => each),
    );
    return { file, line: 2 + i, text: `import type { ${names.join(', ')} } from '${specifier}';` };
  });
}

it('compiles every fragment, every example in a docstring, and an import of every name in the tables of exports', () => {
  const fragments = allBlocks().filter(({ purpose }) => purpose === 'fragment');
  const examples = docstringExamples();
  const tables = readmes.flatMap(exportsTables);
  expect(examples.length).toBeGreaterThan(10);
  expect(readmes).toHaveLength(13);
  expect(compile(folder, [...fragments, ...examples, ...tables])).toBe('');
});

it.each([
  ['README.md', 'udp'],
  ['README.md', 'tcp'],
  ['packages/create-evloop/README.md', 'udp'],
])('shows in %s the %s server that npm create evloop makes', (file, transport) => {
  const template = join(root, 'packages/create-evloop/template', transport, 'server.ts');
  const blocks = allBlocks().filter((block) => block.file === file && block.name === 'server.ts');
  expect(blocks.map(({ text }) => `${text}\n`)).toContain(readFileSync(template, 'utf8'));
});
