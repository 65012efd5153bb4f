// Every command in the documentation is run, or a list says where it is run or why it is not.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allBlocks, type Block, documents, root } from '../src/blocks.mjs';
import { NOT_RUN, TESTED_ELSEWHERE } from './not-run.ts';

const blocks = allBlocks().filter(({ language }) => language === 'sh');
const commandsOf = ({ text }: Block): string[] => text.split('\n').filter((line) => line !== '');

describe('commands that are not run here', () => {
  const left = blocks.filter(({ purpose, file }) => purpose === '' && !(file in TESTED_ELSEWHERE));
  it.each(left)('$file:$line says where they are run, or why they are not', (block) => {
    for (const command of commandsOf(block)) expect(Object.keys(NOT_RUN)).toContain(command);
  });
});

it('every script that a sentence names is one', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const named = documents().flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(
      ([, script = '']) => script,
    ),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});
