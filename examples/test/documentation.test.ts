import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { testDocumentation, testDocumentedClient } from './documentation-tests.ts';
import { documented, sections } from './documented.ts';

it('has a section for each example, and each shows how it is started', () => {
  const examples = readdirSync(new URL('..', import.meta.url))
    .filter((file) => /^[a-z_]+\.ts$/.test(file))
    .map((file) => file.replace('.ts', ''));
  expect(sections().sort()).toEqual(examples.sort());
  for (const name of examples) {
    const { starts, tries } = documented(name);
    expect([name, starts.length > 0, tries.length > 0]).toEqual([name, true, true]);
  }
});

testDocumentation('node');
testDocumentedClient();
