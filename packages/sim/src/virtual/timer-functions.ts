import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { host } from '@evloop/core/backend';
import type { VirtualTimer } from '../host/host-timers.ts';
import type { Process } from '../host/process.ts';
import { type Replacement, virtualFunction } from './replacement.ts';

type Callback = (...args: unknown[]) => void;

interface PromiseOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

/** The timers of the runtime, in virtual time inside hosts. */
export function timerFunctions(): Replacement[] {
  return [
    // Core keeps the functions that it has found when it was loaded, in one object.
    ...[globalThis, timers, host].flatMap(callbackTimers),
    virtualFunction(timersPromises, 'setTimeout', waitFor),
    virtualFunction(timersPromises, 'setImmediate', waitForTurn),
    virtualFunction(timersPromises, 'setInterval', repeat),
    virtualFunction(timersPromises.scheduler, 'wait', (process, delay: number, options) =>
      waitFor(process, delay, undefined, options as PromiseOptions | undefined),
    ),
    virtualFunction(timersPromises.scheduler, 'yield', (process) => waitForTurn(process)),
    virtualFunction(AbortSignal, 'timeout', abortAfter),
  ];
}

function callbackTimers(object: object): Replacement[] {
  return [
    virtualFunction(object, 'setTimeout', (process, run: Callback, ms?: number, ...args) =>
      process.timers.setTimeout(() => run(...args), ms),
    ),
    virtualFunction(object, 'setInterval', (process, run: Callback, ms?: number, ...args) =>
      process.timers.setInterval(() => run(...args), ms),
    ),
    virtualFunction(object, 'setImmediate', (process, run: Callback, ...args) =>
      process.timers.setImmediate(() => run(...args)),
    ),
    ...['clearTimeout', 'clearInterval', 'clearImmediate'].map((name) =>
      virtualFunction(object, name, (process, timer: unknown) => process.timers.clear(timer)),
    ),
  ];
}

function waitFor(
  process: Process,
  ms?: number,
  value?: unknown,
  options?: PromiseOptions,
): Promise<unknown> {
  return settled((done) => process.timers.setTimeout(done, ms), value, options);
}

function waitForTurn(
  process: Process,
  value?: unknown,
  options?: PromiseOptions,
): Promise<unknown> {
  return settled((done) => process.timers.setImmediate(done), value, options);
}

async function* repeat(
  process: Process,
  ms?: number,
  value?: unknown,
  options?: PromiseOptions,
): AsyncGenerator<unknown> {
  for (;;) yield await waitFor(process, ms, value, options);
}

function settled(
  start: (done: () => void) => VirtualTimer,
  value: unknown,
  { signal, ref = true }: PromiseOptions = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const aborted = (): Error =>
      Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), {
        name: 'AbortError',
        code: 'ABORT_ERR',
      });
    if (signal?.aborted) {
      reject(aborted());
      return;
    }
    const onAbort = (): void => {
      timer.clear();
      reject(aborted());
    };
    const timer = start(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    });
    if (!ref) timer.unref();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function abortAfter(process: Process, ms: number): AbortSignal {
  const controller = new AbortController();
  const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  process.timers.setTimeout(() => controller.abort(reason), ms).unref();
  return controller.signal;
}
