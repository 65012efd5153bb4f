import { expect, it } from 'vitest';
import { allBlocks, blocksOf } from '../src/blocks.mjs';

/**
 * What tests do with a block, by its language: the first is for blocks that only show something.
 */
const PURPOSES: Record<string, readonly string[]> = {
  ts: ['program', 'fragment'],
  sh: ['', 'run', 'serve', 'client', 'project'],
  text: [''],
  json: [''],
};

it('finds each block where it stands', () => {
  const blocks = blocksOf('README.md');
  expect(blocks.length).toBeGreaterThan(3);
  expect(blocks.every(({ line, text }) => line > 1 && text !== '')).toBe(true);
});

it.each(allBlocks())('$file:$line says what is to be done with it', ({ language, purpose }) => {
  expect(Object.keys(PURPOSES)).toContain(language);
  expect(PURPOSES[language]).toContain(purpose);
});
