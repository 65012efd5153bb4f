import { describe, expect, it } from 'vitest';
import { allBlocks } from '../src/blocks.mjs';
import { NOT_RUN, TESTED_ELSEWHERE } from './not-run.ts';

const left = allBlocks().filter(
  ({ language, purpose, file }) =>
    language === 'sh' && purpose === '' && !(file in TESTED_ELSEWHERE),
);

describe('commands that no fence gives a purpose', () => {
  it.each(left)('$file:$line says where they are run, or why they are not', ({ text }) => {
    for (const command of text.split('\n')) expect(Object.keys(NOT_RUN)).toContain(command);
  });
});
