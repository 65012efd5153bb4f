import { AsyncLocalStorage } from 'node:async_hooks';
import type { Process } from './process.ts';

/** Which simulated process the running code belongs to. */
export const current: AsyncLocalStorage<Process | undefined> = new AsyncLocalStorage();

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
