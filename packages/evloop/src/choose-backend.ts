import { debuglog } from 'node:util';
import { type Backend, EvloopError, isEvloopError, unsupportedError } from '@evloop/core';

/** Loads a backend's package; rejects with `EVLOOP_UNSUPPORTED` where it cannot be used. */
export type Load = () => Promise<Backend>;

/** The backends that are looked for, the best one first. The last one runs everywhere. */
export const BACKENDS: Readonly<Record<string, Load>> = {
  epoll: () => import('@evloop/epoll'),
  net: () => import('@evloop/net'),
};

const trace = debuglog('evloop');

/**
 * The backend that the program gets.
 *
 * @param forced the name of the only one that will do: the variable `EVLOOP_BACKEND`. Empty or left out: the best one that loads.
 * @throws `EVLOOP_UNSUPPORTED` when the forced one does not load or is unknown; whatever a backend that is broken, rather than
 * not available, throws.
 */
export async function chooseBackend(
  forced: string | undefined,
  backends: Readonly<Record<string, Load>> = BACKENDS,
): Promise<Backend> {
  if (forced) return loadForced(forced, backends);
  const reasons: string[] = [];
  for (const [name, load] of Object.entries(backends)) {
    try {
      const backend = await load();
      trace('the backend is %s', name);
      return backend;
    } catch (error) {
      if (!isEvloopError(error, 'EVLOOP_UNSUPPORTED')) throw error;
      trace('%s is not available: %s', name, error.message);
      reasons.push(`${name}: ${reasonOf(error)}`);
    }
  }
  throw unsupportedError(`no backend can be loaded here (${reasons.join('; ')})`);
}

async function loadForced(
  name: string,
  backends: Readonly<Record<string, Load>>,
): Promise<Backend> {
  const load = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (load === undefined) {
    const known = Object.keys(backends).join(' or ');
    throw unsupportedError(`EVLOOP_BACKEND=${name}: there is no such backend; use ${known}`);
  }
  try {
    return await load();
  } catch (cause) {
    const message = `EVLOOP_BACKEND=${name}: this backend cannot be loaded: ${reasonOf(cause)}`;
    throw new EvloopError('EVLOOP_UNSUPPORTED', message, { cause });
  }
}

/** Why a backend did not load, in one line: without the package's name, Node's list of requiring files, and a full stop. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/\nRequire stack:[\s\S]*/, '')
    .replace(/^@evloop\/\w+: /, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\.$/, '');
}
