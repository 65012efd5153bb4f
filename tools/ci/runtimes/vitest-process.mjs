import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Runs the examples' tests with vitest on this Node, which then also runs the examples. Returns
 * whether they passed, and a line, or the whole output.
 */
export async function runExamples([file, ...before]) {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', '@evloop/examples'];
  const child = spawn(file, [...before, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  }
  const [code] = await once(child, 'close');
  const passed = code === 0;
  return { passed, text: passed ? (/^ *Tests +(.*)$/m.exec(text)?.[1] ?? '') : text };
}
