import { createHook } from 'node:async_hooks';
import { realClearTimeout, realSetImmediate } from '../clock/runtime.ts';
import { current } from '../host/current.ts';
import type { Process } from '../host/process.ts';
import { Failure } from '../run/failure.ts';
import type { Simulation } from '../run/simulation.ts';

/** Work that the runtime does elsewhere, and that ends in one callback. */
const FOREIGN: ReadonlySet<string> = new Set([
  ...['FSREQCALLBACK', 'FSREQPROMISE', 'FILEHANDLECLOSEREQ', 'ZLIB', 'BROTLI', 'ZSTD'],
  ...['PBKDF2REQUEST', 'SCRYPTREQUEST', 'RANDOMBYTESREQUEST', 'RANDOMPRIMEREQUEST', 'HASHREQUEST'],
  ...['KEYPAIRGENREQUEST', 'KEYGENREQUEST', 'HKDFREQUEST', 'SIGNREQUEST', 'CIPHERREQUEST'],
  ...['DERIVEBITSREQUEST', 'CHECKPRIMEREQUEST', 'KEYEXPORTREQUEST', 'GETADDRINFOREQWRAP'],
]);
/** Handles that may be closed without ever having worked. */
const ENDS_UNUSED: ReadonlySet<string> = new Set(['ZLIB', 'BROTLI', 'ZSTD']);
/** What no simulation can foresee. */
const LEAKS: Readonly<Record<string, string>> = {
  Timeout: 'starts a real timer: it was taken before the simulation started',
  WORKER: 'starts a worker thread: its messages come in real time',
  PROCESSWRAP: 'starts a process: it lives in real time',
};

interface Pending {
  readonly work: Set<number>;
  wake: (() => void) | undefined;
}

const pending = new WeakMap<Simulation, Pending>();
const owners = new Map<number, Simulation>();

/**
 * A promise of the moment when work outside of the simulation is done; `undefined` when there is
 * none.
 */
export function foreignWork(simulation: Simulation): Promise<void> | undefined {
  const state = pending.get(simulation);
  if (state === undefined || state.work.size === 0) return undefined;
  return new Promise((resolve) => {
    state.wake = resolve;
  });
}

/** Watches for work outside of simulations. Returns a function that ends it. */
export function watchForeignWork(): () => void {
  const hook = createHook({
    init(asyncId, type, _trigger, resource) {
      // Most are promises.
      if (type === 'PROMISE') return;
      const leak = LEAKS[type];
      if (leak === undefined && !FOREIGN.has(type)) return;
      const process = current.getStore();
      if (process === undefined) return;
      if (leak !== undefined) reportLeak(process, type, leak, resource);
      else begin(asyncId, process.simulation);
      if (ENDS_UNUSED.has(type)) destroyed.enable();
    },
    after: settle,
  });
  hook.enable();
  return () => {
    hook.disable();
    destroyed.disable();
    owners.clear();
  };
}

// Enabled only when it is needed: it makes the runtime track each promise for the collector.
const destroyed = createHook({ destroy: settle });

function begin(asyncId: number, simulation: Simulation): void {
  let state = pending.get(simulation);
  if (state === undefined) {
    state = { work: new Set(), wake: undefined };
    pending.set(simulation, state);
  }
  state.work.add(asyncId);
  owners.set(asyncId, simulation);
}

function settle(asyncId: number): void {
  const simulation = owners.get(asyncId);
  if (simulation === undefined) return;
  owners.delete(asyncId);
  simulation.ran = true;
  const state = pending.get(simulation);
  state?.work.delete(asyncId);
  if (state === undefined || state.work.size > 0 || state.wake === undefined) return;
  const { wake } = state;
  state.wake = undefined;
  // What the callback starts in turn is seen first.
  realSetImmediate(wake);
}

function reportLeak(process: Process, type: string, leak: string, resource: object): void {
  const frames = (new Error().stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const from = frames.find(
    (line) => !/foreign-work|node:internal|node:timers|AsyncHook/.test(line),
  );
  if (type === 'Timeout' && (from === undefined || from.includes('node:'))) {
    // Node's own modules have timers that no program sees, such as the one for the HTTP date.
    process.atEnd.push(() => realClearTimeout(resource as NodeJS.Timeout));
    return;
  }
  const { host, simulation } = process;
  simulation.fail(new Failure('leak', `host ${host.name} ${leak} (${(from ?? '').trim()})`));
}
