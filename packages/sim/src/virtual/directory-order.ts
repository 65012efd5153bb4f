import fs from 'node:fs';
import { current } from '../host/current.ts';
import type { Replacement } from './replacement.ts';

/**
 * The order in which directories are read is no program's to rely on. Inside hosts it is sorted,
 * and reversed in the run that looks for differences.
 */
export function directoryOrder(): Replacement[] {
  return [
    { object: fs, name: 'readdirSync', make: sorted as (real: never) => unknown },
    { object: fs.promises, name: 'readdir', make: sortedLater as (real: never) => unknown },
  ];
}

type Read = (...args: unknown[]) => unknown[];

function sorted(real: Read): Read {
  return (...args) => inOrder(real(...args));
}

function sortedLater(
  real: (...args: unknown[]) => Promise<unknown[]>,
): (...args: unknown[]) => Promise<unknown[]> {
  return async (...args) => inOrder(await real(...args));
}

function inOrder(entries: unknown[]): unknown[] {
  const simulation = current.getStore()?.simulation;
  if (simulation === undefined) return entries;
  const names = new Map(entries.map((entry) => [entry, nameOf(entry)]));
  const ordered = entries.sort((a, b) => ((names.get(a) ?? '') < (names.get(b) ?? '') ? -1 : 1));
  return simulation.perturbed ? ordered.reverse() : ordered;
}

function nameOf(entry: unknown): string {
  return typeof entry === 'object' && entry !== null && 'name' in entry
    ? String(entry.name)
    : String(entry);
}
