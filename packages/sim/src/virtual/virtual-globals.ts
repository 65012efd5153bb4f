import module from 'node:module';
import type { Backend } from '@evloop/core';
import { current } from '../host/current.ts';
import { clockFunctions } from './clock-functions.ts';
import { directoryOrder } from './directory-order.ts';
import { watchForeignWork } from './foreign-work.ts';
import { nameLookup } from './name-lookup.ts';
import { processFunctions, replaceProcessProperties } from './process-functions.ts';
import { randomFunctions } from './random-functions.ts';
import { realSockets } from './real-sockets.ts';
import { replace } from './replacement.ts';
import { timerFunctions } from './timer-functions.ts';

/** Where programs find the backend of the host that they run in: `EVLOOP_BACKEND=sim`. */
const BACKEND = Symbol.for('evloop.sim.backend');

let users = 0;
let restore: (() => void)[] = [];

/**
 * Runs `run` while timers, clocks and random numbers are virtual for code inside hosts. They are
 * the real ones for all other code, and for everybody once no simulation runs.
 */
export async function withVirtualGlobals<T>(run: () => Promise<T>): Promise<T> {
  if (users++ === 0) install();
  try {
    return await run();
  } finally {
    if (--users === 0) uninstall();
  }
}

/**
 * Whether this runtime keeps the current host across promises, ticks and microtasks. Where it does
 * not, the explicit `clock`, `timers` and `random` of a host are all that is promised.
 */
export async function keepsHosts(): Promise<boolean> {
  const marker = {} as never;
  return current.run(marker, async () => {
    await null;
    if (current.getStore() !== marker) return false;
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    if (current.getStore() !== marker) return false;
    return new Promise<boolean>((resolve) => {
      process.nextTick(() => resolve(current.getStore() === marker));
    });
  });
}

function install(): void {
  const replacements = [
    ...timerFunctions(),
    ...clockFunctions(),
    ...randomFunctions(),
    ...realSockets(),
    ...directoryOrder(),
    ...processFunctions(),
    ...nameLookup(),
  ];
  restore = replacements.map(replace);
  restore.push(replaceProcessProperties(), watchForeignWork(), shareBackend());
  syncImports();
}

function shareBackend(): () => void {
  const shared = globalThis as { [BACKEND]?: () => Backend | undefined };
  shared[BACKEND] = () => current.getStore()?.backend;
  return () => {
    delete shared[BACKEND];
  };
}

function uninstall(): void {
  for (const undo of restore.reverse()) undo();
  restore = [];
  syncImports();
}

/** Shows `import { setTimeout } from 'node:timers'` what the module has now. */
function syncImports(): void {
  module.syncBuiltinESMExports?.();
}
