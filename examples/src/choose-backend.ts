import type { Backend } from '@evloop/core';
import type { Wait } from './command-line.ts';
import { Failure } from './program.ts';

// All backends export the same names, so choosing one is choosing a module.
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
  const epoll: Backend = await import('@evloop/epoll');
  return epoll.unavailable === undefined ? epoll : import('@evloop/net');
}

async function load(name: string): Promise<Backend> {
  const load = Object.hasOwn(BACKENDS, name) ? BACKENDS[name] : undefined;
  if (load === undefined) {
    throw new Failure(
      `there is no backend '${name}'; use ${Object.keys(BACKENDS).join(', ')} or auto`,
    );
  }
  const backend = await load();
  if (backend.unavailable !== undefined) {
    const { reason } = backend.unavailable;
    throw new Failure(`the backend '${name}' is not available here: ${reason}`);
  }
  return backend;
}
