import { withVirtualGlobals } from '../virtual/virtual-globals.ts';
import type { SimulateOptions } from './options.ts';
import { runOptions } from './run-options.ts';
import { Sim } from './sim.ts';
import { Simulation } from './simulation.ts';

/** The body of a simulation: it makes hosts, lets time pass, and says what must hold. */
export type SimulationBody = (sim: Sim) => unknown;

/** What a campaign has found. */
export interface Report {
  readonly runs: number;
  readonly hash: string;
  readonly events: number;
}

/** Runs a simulation, once for each seed. */
export async function simulate(options: SimulateOptions, body: SimulationBody): Promise<Report> {
  const checked = runOptions(options);
  const { seed = 1, runs = 1 } = options;
  return withVirtualGlobals(async () => {
    let events = 0;
    let hash = '';
    for (let i = 0; i < runs; i++) {
      const simulation = new Simulation(seed + i, checked);
      try {
        await body(new Sim(simulation));
        if (simulation.failure !== undefined) throw simulation.failure;
      } finally {
        simulation.close();
      }
      events += simulation.scheduler.handled;
      hash = simulation.trace.hash;
    }
    return { runs, hash, events };
  });
}
