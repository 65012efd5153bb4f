import type { SimulateOptions } from './options.ts';
import type { Report } from './report.ts';
import type { SimulationBody } from './run-once.ts';

/** Takes over the simulations of a process: the command line. */
export interface Control {
  /** What is still running of the file's simulations: `simTest` waits for nothing. */
  readonly pending: Promise<unknown>[];
  /** Runs a simulation in its own way; `undefined`: it is run as it asks. */
  take(
    options: SimulateOptions,
    body: SimulationBody,
    source: string | undefined,
  ): Promise<Report | undefined>;
}

// In the global scope: a program may load another copy of this package than the command line.
const KEY = Symbol.for('evloop.sim.control');

/** Who controls this process; `undefined`: nobody. */
export function control(): Control | undefined {
  return (globalThis as { [KEY]?: Control })[KEY];
}

/** Takes control of this process. */
export function takeControl(by: Control): void {
  (globalThis as { [KEY]?: Control })[KEY] = by;
}
