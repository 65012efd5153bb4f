import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shrink } from '../choice/shrink.ts';
import { realNow } from '../clock/runtime.ts';
import { drawRun } from '../view/draw-run.ts';
import { Recorder } from '../view/recorder.ts';
import { withVirtualGlobals } from '../virtual/virtual-globals.ts';
import { callerFile } from './caller-file.ts';
import { control } from './control.ts';
import { firstDifference } from './difference.ts';
import { withFewerHosts } from './fewer-hosts.ts';
import type { SimulateOptions } from './options.ts';
import { sourceHash, versions, writeReplayFile } from './replay-file.ts';
import { type FoundFailure, type Report, SimulationError } from './report.ts';
import { type Outcome, type RunRequest, runOnce, type SimulationBody } from './run-once.ts';
import type { Simulation } from './simulation.ts';

/** Coverage is counted for so many runs at a time. */
const PART = 100;
/** A picture of a run with more events is too large for a browser. */
const MOST_DRAWN = 50_000;

/**
 * Runs a simulation, once for each seed, until one fails. The failing run is made again with as few
 * faults as it needs, and written to a replay file.
 *
 * @throws SimulationError: a run failed, or something that was expected of the campaign was never
 * seen. Its `report` says what. RangeError: an option is out of range.
 */
export async function simulate(options: SimulateOptions, body: SimulationBody): Promise<Report> {
  const source = callerFile();
  const taken = await control()?.take(options, body, source);
  if (taken !== undefined) return taken;
  const report = await explore(options, body, source);
  if (report.found !== undefined || report.unseen.length > 0) throw new SimulationError(report);
  return report;
}

/** As `simulate`, but returns what it has found instead of throwing it. */
export async function explore(
  options: SimulateOptions,
  body: SimulationBody,
  source?: string,
): Promise<Report> {
  const { seed = 1, runs = 1, limitMs = Infinity } = options;
  checkCount('seed', seed, 0);
  checkCount('runs', runs, 1);
  return withVirtualGlobals(async () => {
    const campaign = new Campaign(options, seed);
    const end = realNow() + limitMs;
    for (let i = 0; i < runs && campaign.found === undefined; i++) {
      if (i > 0 && realNow() >= end) break;
      const outcome = await runOnce(options, body, { seed: seed + i });
      campaign.add(outcome);
      options.onRun?.(outcome);
      if (outcome.failure !== undefined) {
        campaign.found = await examine(options, body, outcome, source);
      } else if (options.verify === true) {
        campaign.found = await verify(options, body, outcome);
      }
    }
    return campaign.report();
  });
}

class Campaign {
  readonly #options: SimulateOptions;
  readonly #firstSeed: number;
  readonly #seen = new Map<string, boolean>();
  readonly #coverage = new Set<string>();
  readonly #newCoverage: number[] = [];
  #runs = 0;
  #events = 0;
  #tookMs = 0;
  #hash = '';
  found: FoundFailure | undefined;

  constructor(options: SimulateOptions, firstSeed: number) {
    this.#options = options;
    this.#firstSeed = firstSeed;
  }

  add({ seen, coverage, events, tookMs, hash }: Outcome): void {
    for (const [name, was] of seen) this.#seen.set(name, was || this.#seen.get(name) === true);
    const before = this.#coverage.size;
    for (const each of coverage) this.#coverage.add(each);
    const part = Math.floor(this.#runs++ / PART);
    this.#newCoverage[part] = (this.#newCoverage[part] ?? 0) + this.#coverage.size - before;
    this.#events += events;
    this.#tookMs += tookMs;
    this.#hash = hash;
  }

  report(): Report {
    const unseen = [...this.#seen].flatMap(([name, seen]) => (seen ? [] : [name]));
    return {
      name: this.#options.name,
      runs: this.#runs,
      firstSeed: this.#firstSeed,
      events: this.#events,
      tookMs: this.#tookMs,
      hash: this.#hash,
      found: this.found,
      // A campaign that ended early has not had its chance.
      unseen: this.found === undefined ? unseen : [],
      coverage: this.#coverage,
      newCoverage: this.#newCoverage,
    };
  }
}

/** Makes a failing run small, and writes it down. */
export async function examine(
  options: SimulateOptions,
  body: SimulationBody,
  outcome: Outcome,
  source: string | undefined,
): Promise<FoundFailure> {
  const { seed, failure, choices } = outcome;
  const wanted = failureKey(outcome);
  const { shrinkRuns = 2000, shrinkMs = 30_000 } = options;
  let best = outcome;
  const stillFails = async (fewer: Outcome['choices']): Promise<boolean> => {
    const tried = await runOnce(options, body, { seed, choices: fewer });
    const fails = failureKey(tried) === wanted;
    if (fails) best = tried;
    return fails;
  };
  let runs = 0;
  let left: Outcome['choices'] = choices;
  let { hosts, until }: Pick<RunRequest, 'hosts' | 'until'> = {};
  if (await stillFails(choices)) {
    const budget = { runs: shrinkRuns, timeMs: shrinkMs, now: realNow };
    const shrunk = await shrink(choices, stillFails, budget);
    left = shrunk.choices;
    runs = shrunk.runs + 1;
    const run = { request: { seed, choices: left }, outcome: best };
    run.outcome = await runOnce(options, body, run.request);
    const fails = (tried: Outcome): boolean => failureKey(tried) === wanted;
    const smaller = await withFewerHosts(options, body, run, fails, shrinkRuns - runs);
    best = smaller.outcome;
    ({ hosts, until } = smaller.request);
  }
  const found: FoundFailure = {
    seed,
    failure: best.failure ?? (failure as NonNullable<typeof failure>),
    choices: left,
    choicesBefore: choices.length,
    hosts,
    until,
    shrinkRuns: runs,
    lines: best.lines.slice(-20),
    replayFile: undefined,
    picture: undefined,
    difference: undefined,
  };
  const replayFile = save(options, found, best, source);
  const picture = replayFile && (await draw(options, body, found, replayFile));
  return { ...found, replayFile, picture };
}

/**
 * Draws the run beside its replay file. Returns where; `undefined` for a run with too many events.
 */
async function draw(
  options: SimulateOptions,
  body: SimulationBody,
  { seed, choices, hosts, until }: FoundFailure,
  replayFile: string,
): Promise<string | undefined> {
  let recorder: Recorder | undefined;
  const prepare = (simulation: Simulation): void => {
    recorder = new Recorder(simulation);
  };
  const request = { seed, choices, hosts, until, traceAll: true, prepare };
  const outcome = await runOnce(options, body, request);
  if (recorder === undefined || outcome.events > MOST_DRAWN) return undefined;
  const path = replayFile.replace(/\.simrun$/, '.html');
  writeFileSync(path, drawRun(recorder.drawing(outcome)));
  return path;
}

async function verify(
  options: SimulateOptions,
  body: SimulationBody,
  outcome: Outcome,
): Promise<FoundFailure | undefined> {
  const difference = await firstDifference(options, body, outcome);
  if (difference === undefined) return undefined;
  const { seed, choices, lines } = outcome;
  const shared = {
    choicesBefore: choices.length,
    hosts: undefined,
    until: undefined,
    shrinkRuns: 0,
    replayFile: undefined,
    picture: undefined,
  };
  return { seed, choices: [], lines: lines.slice(-20), ...shared, ...difference };
}

function save(
  options: SimulateOptions,
  found: FoundFailure,
  outcome: Outcome,
  source: string | undefined,
): string | undefined {
  const { replayFolder, name } = options;
  if (replayFolder === undefined) return undefined;
  mkdirSync(replayFolder, { recursive: true });
  const stem = (name ?? 'simulation').replace(/[^\w.-]+/g, '-').toLowerCase();
  const path = join(replayFolder, `${stem}-${found.seed}.simrun`);
  const { seed: _seed, runs: _runs, limitMs: _limit, onRun: _onRun, ...kept } = options;
  writeReplayFile(path, {
    format: 'evloop-simrun',
    version: 1,
    name,
    source,
    sourceHash: sourceHash(source),
    seed: found.seed,
    options: kept,
    choices: found.choices,
    until: found.until,
    hosts: found.hosts,
    failure: { kind: found.failure.kind, message: found.failure.message },
    traceHash: outcome.hash,
    versions: versions(),
  });
  return path;
}

/**
 * Failures are the same when they break the same expectation. Numbers in the message may differ.
 */
function failureKey({ failure }: Outcome): string {
  if (failure === undefined) return '';
  const [line = ''] = failure.message.split('\n', 1);
  return `${failure.kind} ${line.replace(/\d+/g, '#').slice(0, 60)}`;
}

function checkCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`invalid ${name}: ${String(value)} (expected an integer from ${least})`);
}
