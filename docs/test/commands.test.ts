// Every command in the documentation is run as it is printed, ports and all: in a network of its own, where nobody else has them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../../examples/test/program.ts';
import { allBlocks, type Block, documents, root } from '../src/blocks.mjs';
import { NOT_RUN, TESTED_ELSEWHERE } from './not-run.ts';
import { PrivateNetwork } from './private-network.ts';

const blocks = allBlocks().filter(({ language }) => language === 'sh');
const commandsOf = ({ text }: Block): string[] => text.split('\n').filter((line) => line !== '');
const absent = PrivateNetwork.absence();
if (absent !== undefined)
  process.stdout.write(`skipped: commands of the documentation, since ${absent}\n`);

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

describe.skipIf(absent !== undefined)('commands in a clone', () => {
  let network: PrivateNetwork;
  beforeAll(async () => {
    network = await PrivateNetwork.open();
  });
  afterAll(() => network?.close());

  const here = blocks.filter(({ purpose }) => ['run', 'serve', 'client'].includes(purpose));
  // Where a document begins a project, its clients talk to that instead: tools/prove-release.mjs follows it. README.md has both.
  const files = new Set(here.filter(({ purpose }) => purpose !== 'client').map(({ file }) => file));
  it.each([...files])('work as %s prints them', async (file) => {
    let server: Program | undefined;
    for (const { text, purpose } of here.filter((block) => block.file === file)) {
      if (purpose === 'serve') {
        await server?.stop('SIGINT');
        server = network.run(`exec ${text}`);
        await server.printed(/listens on .*\n/);
      } else {
        const running = network.run(text);
        expect([await running.ended, running.stdout, text]).toEqual([
          0,
          expect.stringMatching(/./),
          text,
        ]);
      }
    }
    await server?.stop('SIGINT');
  });
});
