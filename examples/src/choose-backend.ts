import { type Backend, isEvloopError } from '@evloop/core';
import type { Wait } from './command-line.ts';
import { Failure, reason } from './program.ts';

// All backends export the same names, so that choosing one is choosing a module. It is imported only when it is
// chosen: epoll's has a native object, which other systems cannot load.
const BACKENDS: Readonly<Record<string, () => Promise<Backend>>> = {
  epoll: () => import('@evloop/epoll'),
  net: () => import('@evloop/net'),
};

/** The backend that is called `name`; for `'auto'` the fastest that this machine has. */
export async function chooseBackend(name: string, wait: Wait): Promise<Backend> {
  const backend = name === 'auto' ? await firstAvailable() : await load(name);
  if (wait === 'sync' && !backend.supports.pollSync) {
    throw new Failure(`--wait sync is not possible on ${backend.name}: it cannot block the thread`);
  }
  return backend;
}

async function firstAvailable(): Promise<Backend> {
  try {
    return await import('@evloop/epoll');
  } catch (error) {
    if (!isEvloopError(error, 'EVLOOP_UNSUPPORTED')) throw error;
    return import('@evloop/net');
  }
}

async function load(name: string): Promise<Backend> {
  const load = Object.hasOwn(BACKENDS, name) ? BACKENDS[name] : undefined;
  if (load === undefined) {
    throw new Failure(
      `there is no backend '${name}'; use ${Object.keys(BACKENDS).join(', ')} or auto`,
    );
  }
  try {
    return await load();
  } catch (error) {
    if (!isEvloopError(error, 'EVLOOP_UNSUPPORTED')) throw error;
    const [why] = reason(error).split('\n', 1);
    throw new Failure(`the backend '${name}' is not available here: ${why}`);
  }
}
