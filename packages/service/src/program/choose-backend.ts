import process from 'node:process';
import type { Backend } from '@evloop/core';
import { Failure } from './failure.ts';

/** Where a simulation of `@evloop/sim` says which backend the running code has. */
const SIMULATED = Symbol.for('evloop.sim.backend');

/**
 * Returns the backend that is called `name`; for `'auto'` the one that `EVLOOP_BACKEND` names, or
 * the first that is available here.
 *
 * @throws Failure: there is no such backend, it is not available here, it cannot block the thread
 * and `wait` is `'sync'`, or it has no corked polls and `cork` is true.
 */
export function chooseBackend(
  backends: Readonly<Record<string, Backend>>,
  name: string,
  wait: 'async' | 'sync',
  cork: boolean,
): Backend {
  const wanted = name === 'auto' ? process.env['EVLOOP_BACKEND'] || name : name;
  const backend = wanted === 'auto' ? firstAvailable(backends) : load(backends, wanted);
  if (wait === 'sync' && !backend.supports.pollSync) {
    throw new Failure(`--wait sync is not possible on ${backend.name}: it cannot block the thread`);
  }
  if (cork && !backend.supports.cork) {
    throw new Failure(`--cork is not possible on ${backend.name}: it sends each write at once`);
  }
  return backend;
}

function firstAvailable(backends: Readonly<Record<string, Backend>>): Backend {
  const found = Object.values(backends).find(({ unavailable }) => unavailable === undefined);
  if (found !== undefined) return found;
  throw new Failure(
    `none of these backends is available here: ${Object.keys(backends).join(', ')}`,
  );
}

function load(backends: Readonly<Record<string, Backend>>, name: string): Backend {
  const backend = Object.hasOwn(backends, name) ? backends[name] : simulated(name);
  if (backend === undefined) {
    const names = Object.keys(backends).join(', ');
    throw new Failure(`there is no backend '${name}'; use ${names} or auto`);
  }
  const { unavailable } = backend;
  if (unavailable === undefined) return backend;
  throw new Failure(`the backend '${name}' is not available here: ${unavailable.reason}`);
}

function simulated(name: string): Backend | undefined {
  if (name !== 'sim') return undefined;
  const shared = globalThis as { [SIMULATED]?: () => Backend | undefined };
  const backend = shared[SIMULATED]?.();
  if (backend !== undefined) return backend;
  throw new Failure("the backend 'sim' works only inside a simulation of @evloop/sim");
}
