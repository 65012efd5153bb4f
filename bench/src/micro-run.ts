import { join } from 'node:path';
import { bench } from './place.ts';
import type { MicroResult } from './result.ts';
import { runToEnd } from './run-to-end.ts';

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
  const args = [program, backend, quick ? '25' : '400'];
  const say = (text: string): void => progress(`${backend}: ${text.trim().split('\n').pop()}`);
  const { code, out, errors } = await runToEnd(process.execPath, args, PATIENCE_MS, say);
  if (code === 0) return JSON.parse(out) as MicroResult[];
  const failure = /^\s*\w*Error.*$/m.exec(errors)?.[0].trim() ?? `it ended with ${code}`;
  const [median, lower, upper] = [Number.NaN, Number.NaN, Number.NaN];
  return [{ id: 'all', title: 'all', backend, median, lower, upper, failure }];
}
