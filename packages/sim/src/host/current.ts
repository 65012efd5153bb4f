import { AsyncLocalStorage } from 'node:async_hooks';
import type { Process } from './process.ts';

type Current = AsyncLocalStorage<Process | undefined>;

// In the global scope: a program may load another copy of this package than its simulation.
const KEY = Symbol.for('evloop.sim.current');
const shared = globalThis as { [KEY]?: Current };
shared[KEY] ??= new AsyncLocalStorage();

/** Which simulated process the running code belongs to. */
export const current: Current = shared[KEY];

/**
 * Returns the simulated process that the running code belongs to.
 *
 * @throws Error: the code runs outside of a simulated host.
 */
export function currentProcess(): Process {
  const process = current.getStore();
  if (process !== undefined) return process;
  throw new Error(
    'this code does not run inside a simulated host: start it with sim.host(name, program)',
  );
}
