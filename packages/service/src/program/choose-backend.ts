import type { Backend } from '@evloop/core';
import { Failure } from './failure.ts';

/**
 * Returns the backend that is called `name`; for `'auto'` the first that is available here.
 *
 * @throws Failure: there is no such backend, it is not available here, or it cannot block the
 * thread
 * and `wait` is `'sync'`.
 */
export function chooseBackend(
  backends: Readonly<Record<string, Backend>>,
  name: string,
  wait: 'async' | 'sync',
): Backend {
  const backend = name === 'auto' ? firstAvailable(backends) : load(backends, name);
  if (wait === 'sync' && !backend.supports.pollSync) {
    throw new Failure(`--wait sync is not possible on ${backend.name}: it cannot block the thread`);
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
  const backend = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (backend === undefined) {
    const names = Object.keys(backends).join(', ');
    throw new Failure(`there is no backend '${name}'; use ${names} or auto`);
  }
  const { unavailable } = backend;
  if (unavailable === undefined) return backend;
  throw new Failure(`the backend '${name}' is not available here: ${unavailable.reason}`);
}
