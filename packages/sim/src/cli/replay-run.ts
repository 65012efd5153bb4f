import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toNanoseconds } from '../clock/time.ts';
import { takeControl } from '../run/control.ts';
import type { SimulateOptions } from '../run/options.ts';
import { type ReplayFile, readReplayFile, sourceHash } from '../run/replay-file.ts';
import { type Outcome, runOnce, type SimulationBody } from '../run/run-once.ts';
import type { Simulation } from '../run/simulation.ts';
import { withVirtualGlobals } from '../virtual/virtual-globals.ts';

/** A replay file together with the simulation that it is of. */
export interface Replayable {
  readonly replay: ReplayFile;
  readonly options: SimulateOptions;
  readonly body: SimulationBody;
}

/**
 * Reads a replay file, and loads the simulation that it is of. @throws Error: either is missing.
 */
export async function loadReplay(path: string): Promise<Replayable> {
  const replay = readReplayFile(path);
  if (replay.source === undefined) throw new Error(`${path} does not say which file it is of`);
  if (sourceHash(replay.source) !== replay.sourceHash) {
    process.stderr.write(`${replay.source} has changed since: the run may be another one\n`);
  }
  const bodies = await loadBodies(resolve(replay.source));
  const body = bodies.get(replay.name);
  if (body !== undefined) return { replay, options: replay.options, body };
  throw new Error(`${replay.source} has no simulation with the name ${String(replay.name)}`);
}

type Bodies = Map<string | undefined, SimulationBody>;

// A module is evaluated once, however often it is imported.
const loaded = new Map<string, Bodies>();

/** The simulations of a file, by name. */
async function loadBodies(file: string): Promise<Bodies> {
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const bodies: Bodies = new Map();
  loaded.set(file, bodies);
  const pending: Promise<unknown>[] = [];
  takeControl({
    pending,
    async take(options, body) {
      if (!bodies.has(options.name)) bodies.set(options.name, body);
      const nothing = { firstSeed: 0, events: 0, tookMs: 0, hash: '', runs: 0 };
      const empty = { unseen: [], newCoverage: [], coverage: new Set<string>() };
      return { name: options.name, found: undefined, ...nothing, ...empty };
    },
  });
  await import(pathToFileURL(file).href);
  await Promise.all(pending);
  return bodies;
}

/** Runs a replay file again. */
export function rerun(
  { replay, options, body }: Replayable,
  until?: string,
  prepare?: (simulation: Simulation) => void,
): Promise<Outcome> {
  const { seed, choices, hosts } = replay;
  const end = until === undefined ? replay.until : toNanoseconds(until, 'until');
  const request = { seed, choices, traceAll: true, until: end, hosts, prepare };
  return withVirtualGlobals(() => runOnce(options, body, request));
}
