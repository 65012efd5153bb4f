import { callerFile } from '../run/caller-file.ts';
import { control } from '../run/control.ts';
import type { SimulateOptions } from '../run/options.ts';
import { SimulationError } from '../run/report.ts';
import type { SimulationBody } from '../run/run-once.ts';
import { explore } from '../run/simulate.ts';

/** The `test` of a runner. */
type Register = (name: string, run: () => Promise<void>) => unknown;

/** Where replay files go when the options do not say. */
const FOLDER = '.simruns';
const DAY_MS = 86_400_000;

/** Options of `simTest`. */
export interface SimTestOptions extends SimulateOptions {
  /**
   * How many fresh seeds are tried at night, when `EVLOOP_SIM_FRESH` is set; 1000 where it is left
   * out.
   */
  readonly freshRuns?: number | undefined;
  /** The runner's `test`. Found by itself under vitest and `node --test`. */
  readonly test?: Register | undefined;
}

/**
 * Adds a simulation as a test. Each push tries the same seeds: `seed` and `runs` of the options.
 * With `EVLOOP_SIM_FRESH=1` in the environment, as at night, it tries seeds that nobody has tried.
 *
 * A failure's message has the broken invariant, the last 20 events, the faults that are needed, and
 * the replay file.
 */
export function simTest(name: string, options: SimTestOptions, body: SimulationBody): void {
  const source = callerFile();
  const { freshRuns = 1000, test = registered, ...given } = options;
  const named: SimulateOptions = { replayFolder: FOLDER, ...given, name };
  const running = control();
  if (running !== undefined) {
    // The command line runs it: no runner is there.
    running.pending.push(running.take(named, body, source));
    return;
  }
  test(name, async () => {
    const fresh = process.env['EVLOOP_SIM_FRESH'] === '1';
    const seeds = fresh ? { seed: freshSeed(), runs: freshRuns } : {};
    const report = await explore({ ...named, ...seeds }, body, source);
    if (report.found !== undefined || report.unseen.length > 0) throw new SimulationError(report);
  });
}

/** A seed that differs from night to night: the day, and the time of it. */
function freshSeed(): number {
  const now = Date.now();
  return Math.floor(now / DAY_MS) * 1_000_000 + (now % 1_000_000);
}

// One of the two is there: vitest sets a variable in the processes of its tests.
const registered: Register =
  process.env['VITEST'] === undefined
    ? await nodeTest()
    : ((await import('vitest')).test as unknown as Register);

async function nodeTest(): Promise<Register> {
  const { test } = await import('node:test');
  return (name, run) => test(name, run);
}
