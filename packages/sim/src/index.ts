/**
 * A simulated network in virtual time, as a backend.
 *
 * @packageDocumentation
 */
export { simulate } from './run/simulate.ts';
export type { Report, SimulationBody } from './run/simulate.ts';
export { Sim } from './run/sim.ts';
