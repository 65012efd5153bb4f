import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { bench } from './place.ts';
import type { MicroResult } from './result.ts';

const BACKENDS = ['epoll', 'net'];
const PATIENCE_MS = 180_000;

/** Runs the micro benchmarks, those of each backend in a process of its own. */
export async function runMicro(
  quick: boolean,
  progress: (text: string) => void,
): Promise<MicroResult[]> {
  const results: MicroResult[] = [];
  for (const backend of BACKENDS) {
    results.push(...(await runBackend(backend, quick, progress)));
  }
  return results;
}

async function runBackend(
  backend: string,
  quick: boolean,
  progress: (text: string) => void,
): Promise<MicroResult[]> {
  const program = join(bench, 'dist/src/micro/main.js');
  const child = spawn(process.execPath, [program, backend, quick ? '25' : '400'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
    const line = String(chunk).trim().split('\n').pop();
    if (line !== undefined) progress(`${backend}: ${line}`);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  if (code === 0) return JSON.parse(out) as MicroResult[];
  const failure = /^\s*\w*Error.*$/m.exec(errors)?.[0].trim() ?? `it ended with ${code}`;
  const [median, lower, upper] = [Number.NaN, Number.NaN, Number.NaN];
  return [{ id: 'all', title: 'all', backend, median, lower, upper, failure }];
}
