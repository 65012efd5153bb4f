import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { run } from './native-programs.ts';
import { bench } from './place.ts';
import type { Machine } from './result.ts';

/** Describes where the measuring is done. */
export function describeMachine(versions: Record<string, string>): Machine {
  const all = cpus();
  const dirty = run('git', ['-C', bench, 'status', '--porcelain', '--', '..']) === '' ? '' : '+';
  return {
    date: new Date().toISOString(),
    commit: `${run('git', ['-C', bench, 'rev-parse', '--short', 'HEAD']).trim()}${dirty}`,
    cores: all.length,
    cpu: all[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${process.platform} ${release().split('-')[0]}`,
    loadAverage: loadavg()[0] ?? Number.NaN,
    versions,
  };
}

/** The most descriptors that a process may have: idle connections are limited by it. */
export function descriptorLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/Max open files\s+\d+\s+(\d+)/.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
}
