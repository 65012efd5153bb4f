import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const cwd = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs Node in this package's folder, on the built files, with nothing of evloop in the environment
 * but `env`.
 */
export function runNode(args: readonly string[], env: NodeJS.ProcessEnv = {}): Finished {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:EVLOOP_|NODE_|VITEST)/.test(name),
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    encoding: 'utf8',
    timeout: 280_000,
  });
  return { code: status, stdout, stderr };
}

/** Runs a program that is given as text; it may `import … from 'evloop'`. */
export const runProgram = (source: string, env?: NodeJS.ProcessEnv): Finished =>
  runNode(['--input-type=module', '-e', source], env);

/** The environment in which Node loads no native object. */
export const NO_NATIVE = { NODE_OPTIONS: '--no-addons' };
