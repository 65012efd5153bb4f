// Every complete program in the documentation is compiled and run, on each backend that it can run
// on.
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Program } from '../../examples/test/program.ts';
import { allBlocks, type Block, root } from '../src/blocks.mjs';
import { compile, moduleOf } from './compile.ts';
import { conversationOf } from './conversations.ts';

// A compiler and many programs are started, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const folder = join(root, 'docs/build/programs');
const linux = process.platform === 'linux';
const programs = allBlocks().filter(({ purpose }) => purpose === 'program');

/**
 * Servers get a port that the system chooses; the documentation names one, so that its commands
 * fit.
 */
const onAnyPort = (text: string): string => text.replaceAll(/(127\.0\.0\.1):\d+/g, '$1:0');

const backendsOf = ({ text }: Block): readonly string[] => {
  if (/from '@evloop\/epoll'/.test(text)) return linux ? ['epoll'] : [];
  if (/from 'evloop'/.test(text) && linux) return ['epoll', 'net'];
  return ['net'];
};

beforeAll(() => {
  const pieces = programs.map((program) => ({ ...program, text: onAnyPort(program.text) }));
  expect(compile(folder, pieces, true)).toBe('');
});

describe.each(programs)('the program at $file:$line', (program) => {
  it.each(backendsOf(program))('runs on %s', async (backend) => {
    const file = join(folder, `${moduleOf(program)}.js`);
    const running = new Program(process.execPath, [file], { EVLOOP_BACKEND: backend });
    const conversation = conversationOf(program, programs);
    if (conversation === undefined) {
      expect([await running.ended, running.stdout]).toEqual([0, expect.any(String)]);
    } else {
      const [, port] = await running.printed(/port (\d+)\n/);
      await conversation(running, Number(port));
      await running.stop('SIGINT');
    }
  });
});
