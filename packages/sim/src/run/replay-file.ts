import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Choice } from '../choice/decisions.ts';
import type { FailureKind } from './failure.ts';
import type { SimulateOptions } from './options.ts';

/**
 * A run that can be repeated although the code that decided it has changed: the contents of a
 * `.simrun` file.
 */
export interface ReplayFile {
  readonly format: 'evloop-simrun';
  /** Changes when older files cannot be read. */
  readonly version: 1;
  /** The name of the simulation, where it has one. */
  readonly name: string | undefined;
  /** The file that makes the simulation, where it is known. */
  readonly source: string | undefined;
  /** SHA-256 of that file. */
  readonly sourceHash: string | undefined;
  readonly seed: number;
  /** The options as they were, without those that only say how many runs are made. */
  readonly options: Omit<SimulateOptions, 'seed' | 'runs'>;
  readonly choices: readonly Choice[];
  /** The end of virtual time, in nanoseconds, where it is earlier than the options say. */
  readonly until: number | undefined;
  /** Of hosts that `sim.hosts` makes together, by name: no more than so many. */
  readonly hosts?: Readonly<Record<string, number>> | undefined;
  readonly failure: { readonly kind: FailureKind; readonly message: string } | undefined;
  readonly traceHash: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Reads a replay file. @throws Error: it is none, or of another version. */
export function readReplayFile(path: string): ReplayFile {
  const parsed = JSON.parse(readFileSync(path, 'utf8')) as Partial<ReplayFile>;
  if (parsed.format !== 'evloop-simrun') throw new Error(`${path} is not a .simrun file`);
  if (parsed.version !== 1) {
    throw new Error(`${path} has version ${String(parsed.version)} (expected version 1)`);
  }
  return parsed as ReplayFile;
}

/** Writes a replay file. */
export function writeReplayFile(path: string, replay: ReplayFile): void {
  writeFileSync(path, `${JSON.stringify(replay, null, 2)}\n`);
}

/** SHA-256 of a source file, in hexadecimal; `undefined` where there is none. */
export function sourceHash(path: string | undefined): string | undefined {
  if (path === undefined || !existsSync(path)) return undefined;
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** The versions that a run depends on. */
export function versions(): Record<string, string> {
  const { node, bun, deno } = process.versions as Record<string, string | undefined>;
  return {
    node: node ?? '',
    ...(bun === undefined ? {} : { bun }),
    ...(deno === undefined ? {} : { deno }),
    platform: `${process.platform}-${process.arch}`,
  };
}
