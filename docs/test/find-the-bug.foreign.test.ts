// The page "Find the bug that happens once a week" shows tshark's view of its run.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { needs } from '@evloop/testing';
import { describe, expect, it, vi } from 'vitest';
import { blocksOf, root } from '../src/blocks.mjs';
import { compile, moduleOf } from './compile.ts';

vi.setConfig({ testTimeout: 300_000 });

const folder = join(root, 'docs/build/find-the-bug-foreign');
const cli = join(root, 'packages/sim/dist/cli/main.js');

describe('with tshark', needs('tshark'), () => {
  it('shows the packets of the run that the page finds', () => {
    const blocks = blocksOf('docs/find-the-bug.md');
    const [program, , command, packets] = blocks;
    if (program === undefined) throw new Error('the page has no program');
    expect(compile(folder, [program], true)).toBe('');
    const run = (file: string, args: string[]): string =>
      spawnSync(file, args, { cwd: folder, encoding: 'utf8' }).stdout;
    run(process.execPath, [`${moduleOf(program)}.js`]);
    run(process.execPath, [cli, 'replay', '.simruns/chat-1.simrun', '--pcap', 'chat.pcapng']);
    const shown = run('sh', ['-c', command?.text ?? '']);
    const columns = (text = ''): string[][] =>
      text.split('\n').map((line) => line.trim().split(/\s+/));
    expect(columns(shown.trimEnd())).toEqual(columns(packets?.text));
  });
});
