import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isMissing } from './contestant.ts';
import { CONTESTANTS } from './contestants.ts';
import { describeMachine, descriptorLimit } from './machine.ts';
import { type Entrant, measureCase } from './measurement.ts';
import { runMicro } from './micro-run.ts';
import { loadGenerator } from './native-programs.ts';
import type { Options } from './options.ts';
import { bench } from './place.ts';
import type { Progress } from './progress.ts';
import type { CaseResult, MicroResult, Missing, Result } from './result.ts';
import { SCENARIOS, type Scenario } from './scenario.ts';
import { findCounter } from './syscall-count.ts';

/**
 * Measures what the options ask for.
 *
 * @param save called with all that is known as soon as a case has been measured: a run that is cut off has lost only one.
 */
export async function measureAll(
  options: Options,
  progress: Progress,
  save: (result: Result) => void,
): Promise<Result> {
  const load = loadGenerator();
  if ('lacks' in load) throw new Error(`the load generator was not built: ${load.lacks}`);
  if (options.install) installRuntimes(progress);
  const missing: Missing[] = [];
  progress.begin('building and finding the contestants');
  const entrants = findEntrants(options, missing, progress);
  const versions = Object.fromEntries(
    entrants.map(({ contestant, ready }) => [contestant.id, ready.version]),
  );
  const machine = describeMachine({ ...versions, 'C compiler': load.version });
  const rounds = options.rounds ?? (options.quick ? 3 : 9);
  const seconds = options.seconds ?? (options.quick ? 0.15 : 0.2);
  const found = options.quick ? undefined : findCounter();
  const counter = found !== undefined && 'count' in found ? found : undefined;
  if (found !== undefined && 'why' in found) missing.push(found);

  const cases: CaseResult[] = [];
  const result = (micro: MicroResult[]): Result => ({
    format: 1,
    machine,
    mode: options.quick ? 'quick' : 'full',
    rounds,
    secondsEach: seconds,
    missing,
    cases,
    micro,
  });
  for (const scenario of wantedScenarios(options)) {
    progress.begin(scenario.title);
    cases.push(
      await measureCase(scenario, entrants, {
        rounds,
        duration: { warmup: options.quick ? 0.05 : 0.08, seconds },
        firstWarmup: options.quick ? 0.2 : 0.6,
        mostIdle: descriptorLimit() - 1000,
        counter,
        progress: progress.step,
      }),
    );
    save(result([]));
  }
  progress.begin('micro benchmarks');
  const micro = options.micro ? await runMicro(options.quick, progress.step) : [];
  progress.end();
  return result(micro);
}

function findEntrants(options: Options, missing: Missing[], progress: Progress): Entrant[] {
  const entrants: Entrant[] = [];
  for (const contestant of CONTESTANTS) {
    if (options.contestants !== undefined && !options.contestants.includes(contestant.id)) continue;
    progress.step(contestant.id);
    const ready = contestant.prepare();
    if (isMissing(ready)) missing.push(ready);
    else entrants.push({ contestant, ready });
  }
  return entrants;
}

function wantedScenarios({ cases, quick }: Options): Scenario[] {
  return SCENARIOS.filter(({ id, quick: isQuick }) =>
    cases === undefined ? !quick || isQuick === true : cases.includes(id),
  );
}

function installRuntimes(progress: Progress): void {
  progress.begin('installing Bun and Deno in bench/runtimes');
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund'], {
    cwd: join(bench, 'runtimes'),
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 300_000,
  });
  if (status !== 0) process.stderr.write('they could not be installed; the run goes on without\n');
}
