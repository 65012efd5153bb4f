// Every command in the documentation is run as it is printed, ports and all: in a network of its
// own, where nobody else has them.
import { needs, PrivateNetwork } from '@evloop/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program } from '../../examples/test/program.ts';
import { allBlocks } from '../src/blocks.mjs';

const blocks = allBlocks().filter(({ language }) => language === 'sh');

describe('commands in a clone', needs('unshare', 'nsenter', 'ip'), () => {
  let network: PrivateNetwork;
  beforeAll(async () => {
    network = await PrivateNetwork.open();
  });
  afterAll(() => network?.close());

  /** Runs a command line in the network, in the top folder of the clone. */
  const start = (line: string) => new Program(...network.command('sh', '-c', line));

  const here = blocks.filter(({ purpose }) => ['run', 'serve', 'client'].includes(purpose));
  // Where a document begins a project, its clients talk to that instead:
  // tools/release/prove-release.mjs follows it. README.md has both.
  const files = new Set(here.filter(({ purpose }) => purpose !== 'client').map(({ file }) => file));
  it.each([...files])('work as %s prints them', async (file) => {
    let server: Program | undefined;
    for (const { text, purpose } of here.filter((block) => block.file === file)) {
      if (purpose === 'serve') {
        await server?.stop('SIGINT');
        server = start(`exec ${text}`);
        await server.printed(/listens on .*\n/);
      } else {
        const running = start(text);
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
