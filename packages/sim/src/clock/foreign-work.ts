import type { Simulation } from '../run/simulation.ts';

/** A promise of the moment when work outside of the simulation is done; `undefined` when there is none. */
export function foreignWork(_simulation: Simulation): Promise<void> | undefined {
  return undefined;
}
