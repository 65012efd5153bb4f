import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What a program of `test/programs` came to. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of `test/programs` on the built packages to its end.
 *
 * @param before a shell command that comes first, such as `ulimit -n 64`.
 */
export async function runProgram(
  name: string,
  options: { args?: string[]; node?: string[]; env?: NodeJS.ProcessEnv; before?: string } = {},
): Promise<Outcome> {
  const file = fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
  const { args = [], node = [], env = {}, before = ':' } = options;
  const command = ['-c', `${before}; exec "$0" "$@"`, process.execPath, ...node, file, ...args];
  const child = spawn('bash', command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Conditions of the test runner would point the program at the sources.
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    timeout: 280_000, // ends before its test does, and not after it
    killSignal: 'SIGKILL',
  });
  const [[code, signal], stdout, stderr] = await Promise.all([
    once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, signal, stdout, stderr };
}
