import { createRequire } from 'node:module';
import { debuglog } from 'node:util';
import type { Backend, Unavailable } from '@evloop/core';
import { unsupportedError } from '@evloop/core/backend';
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';

/** The backends that `EVLOOP_BACKEND` may name, beside `sim`. */
export const BACKENDS: Readonly<Record<string, Backend>> = { epoll, net };

/** The backends to try without that variable, the best one first. The last one runs everywhere. */
export const AUTOMATIC: readonly string[] = ['epoll', 'net'];

/** A backend, and why it is not a better one. */
export interface Choice {
  readonly backend: Backend;
  /** The best backend that this machine could run but does not. */
  readonly missed?: { readonly name: string; readonly why: Unavailable } | undefined;
}

const trace = debuglog('evloop');

/**
 * Returns the backend for the program.
 *
 * @param forced the variable `EVLOOP_BACKEND`: the name of the only acceptable backend. Empty or
 *   undefined: the best one that is available.
 * @throws EVLOOP_UNSUPPORTED: the forced backend is unknown or unavailable, no backend is
 *   available, or a variable that a backend reads has an invalid value.
 */
export function chooseBackend(
  forced: string | undefined,
  backends: Readonly<Record<string, Backend>> = BACKENDS,
  automatic: readonly string[] = AUTOMATIC,
): Choice {
  if (forced) return { backend: forcedBackend(forced, backends) };
  let missed: Choice['missed'];
  const reasons: string[] = [];
  for (const name of automatic) {
    const backend = backends[name] as Backend;
    const why = backend.unavailable;
    if (why === undefined) {
      trace('the backend is %s', name);
      return { backend, missed };
    }
    if (why.kind === 'setting') throw unsupportedError(why.reason);
    trace('%s is not available: %s', name, why.reason);
    reasons.push(`${name}: ${why.reason}`);
    if (why.kind === 'installation') missed ??= { name, why };
  }
  throw unsupportedError(`no backend can run here (${reasons.join('; ')})`);
}

function forcedBackend(name: string, backends: Readonly<Record<string, Backend>>): Backend {
  if (name === 'sim') return simulated();
  const backend = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (backend === undefined) {
    const known = Object.keys(backends).join(' or ');
    throw unsupportedError(`invalid EVLOOP_BACKEND: '${name}' (expected ${known})`);
  }
  const why = backend.unavailable;
  if (why !== undefined) {
    throw unsupportedError(`EVLOOP_BACKEND=${name}: this backend cannot run here: ${why.reason}`);
  }
  return backend;
}

/** The backend of simulations. It works inside simulated hosts only, so it is never automatic. */
function simulated(): Backend {
  try {
    // A program that is shipped does without it, and so does its bundle.
    return createRequire(import.meta.url)('@evloop/sim') as Backend;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw unsupportedError(
      'EVLOOP_BACKEND=sim: @evloop/sim is not installed: npm install --save-dev @evloop/sim',
    );
  }
}
