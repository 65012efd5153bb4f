import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a program of `test/programs` came to. */
export interface Outcome {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

/**
 * Runs a program of `test/programs` on the built packages to its end, which must come within 20 s.
 */
export function runProgram(name: string, node: readonly string[] = []): Promise<Outcome> {
  const file = fileURLToPath(new URL(`programs/${name}`, import.meta.url));
  // Conditions of the test runner would point the program at the sources.
  const options = { env: { ...process.env, NODE_OPTIONS: '' }, timeout: 280_000 };
  const start = performance.now();
  return new Promise((resolve) => {
    execFile(process.execPath, [...node, file], options, (error, stdout, stderr) => {
      const tookMs = performance.now() - start;
      resolve({ code: error === null ? 0 : error.code, stdout, stderr, tookMs });
    });
  });
}
