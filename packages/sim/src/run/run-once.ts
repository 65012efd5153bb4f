import type { Choice } from '../choice/decisions.ts';
import { realNow } from '../clock/runtime.ts';
import { enabledFaults, Nemesis } from '../faults/nemesis.ts';
import type { TraceLine } from '../trace/trace-entry.ts';
import { Failure } from './failure.ts';
import type { SimulateOptions } from './options.ts';
import { runOptions } from './run-options.ts';
import { Sim } from './sim.ts';
import { Simulation } from './simulation.ts';

/** The body of a simulation: it makes hosts, lets time pass, and says what must hold. */
export type SimulationBody = (sim: Sim) => unknown;

/** How one run is made. */
export interface RunRequest {
  readonly seed: number;
  /** Follows this list, instead of deciding by the seed. */
  readonly choices?: readonly Choice[] | undefined;
  /** Keeps every entry of the trace, not only the last. */
  readonly traceAll?: boolean | undefined;
  /** Turns round what no program may rely on: the order of directories. */
  readonly perturbed?: boolean | undefined;
  /** Is given the simulation before it starts: for captures. */
  readonly prepare?: ((simulation: Simulation) => void) | undefined;
  /** Ends earlier than the options say, in nanoseconds. */
  readonly until?: number | undefined;
  /** Of hosts that `sim.hosts` makes together, by name: no more than so many. */
  readonly hosts?: Readonly<Record<string, number>> | undefined;
}

/** What became of one run. */
export interface Outcome {
  readonly seed: number;
  readonly failure: Failure | undefined;
  readonly hash: string;
  /** How many events happened. */
  readonly events: number;
  /** When it ended, in nanoseconds of virtual time. */
  readonly endedAt: number;
  /** How long it took, in milliseconds of real time. */
  readonly tookMs: number;
  /** The choices that were not harmless. */
  readonly choices: readonly Choice[];
  readonly lines: readonly TraceLine[];
  /** Which expectations of the campaign were seen. */
  readonly seen: ReadonlyMap<string, boolean>;
  readonly coverage: ReadonlySet<string>;
  /** How many hosts `sim.hosts` has made together, by name. */
  readonly groups: ReadonlyMap<string, number>;
}

/** Runs a simulation once. Never throws what the simulation throws: that is its failure. */
export async function runOnce(
  options: SimulateOptions,
  body: SimulationBody,
  request: RunRequest,
): Promise<Outcome> {
  const started = realNow();
  const { seed, choices, traceAll = false } = request;
  const checked = runOptions(options);
  const until = Math.min(request.until ?? Infinity, checked.until);
  const simulation = new Simulation(seed, { ...checked, until }, choices, traceAll);
  simulation.perturbed = request.perturbed ?? false;
  simulation.mostHosts = request.hosts ?? {};
  const faults = enabledFaults(options.faults ?? {}, simulation);
  simulation.applyFaults(faults, new Nemesis(simulation, faults));
  request.prepare?.(simulation);
  let failure: Failure | undefined;
  try {
    await body(new Sim(simulation));
    failure = simulation.failure;
  } catch (error) {
    failure = simulation.failure ?? asFailure(error);
  }
  const lines = simulation.trace.lines();
  simulation.close();
  return {
    seed,
    failure,
    hash: simulation.trace.hash,
    events: simulation.scheduler.handled,
    endedAt: simulation.scheduler.now,
    tookMs: realNow() - started,
    choices: simulation.decisions.made,
    lines,
    seen: simulation.checks.seen,
    coverage: simulation.coverage,
    groups: simulation.groups,
  };
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new Failure('body', `the simulation’s own code failed: ${text}`, error);
}
