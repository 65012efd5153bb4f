import { spawn } from 'node:child_process';

/** What a program came to. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/**
 * Runs a program until it ends, or for `patienceMs`.
 *
 * @param onError is given what it says on standard error, as it comes.
 */
export async function runToEnd(
  program: string,
  args: readonly string[],
  patienceMs: number,
  onError: (text: string) => void = () => {},
): Promise<Ended> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
    onError(String(chunk));
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  return { code, out, errors };
}
