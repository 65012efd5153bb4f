import { format } from 'node:util';
import { current } from '../host/current.ts';
import type { Process } from '../host/process.ts';
import { type Replacement, virtualFunction } from './replacement.ts';

/** The events of `process` that are those of the simulated process. Others are the runtime's. */
const VIRTUAL = /^(?:SIG[A-Z0-9]+|beforeExit|exit)$/;
const LISTENING = [
  'on',
  'addListener',
  'prependListener',
  'once',
  'off',
  'removeListener',
  'removeAllListeners',
  'listenerCount',
  'listeners',
  'emit',
] as const;

type Method = (this: unknown, event: string, ...args: unknown[]) => unknown;

/** What `process` does inside hosts: it is the simulated process. */
export function processFunctions(): Replacement[] {
  return [
    ...LISTENING.map((name) => ({
      object: process,
      name,
      make: ((real: Method) => listening(name, real)) as (real: never) => unknown,
    })),
    ...Object.entries(CONSOLE).map(([name, output]) => ({
      object: console,
      name,
      make: (real: (...args: unknown[]) => void) => {
        return (...args: unknown[]): void => {
          const own = current.getStore()?.own;
          if (own?.scripted !== true) real(...args);
          else own[output as 'stdout' | 'stderr'].write(`${format(...args)}\n`);
        };
      },
    })),
    virtualFunction(process, 'exit', (simulated, code?: number) => simulated.exit(code)),
    virtualFunction(process, 'kill', (simulated, pid: number, signal: string = 'SIGTERM') => {
      if (pid !== process.pid) throw new Error(`host ${simulated.host.name} has no process ${pid}`);
      simulated.schedule(0, () => simulated.signal(signal));
      return true;
    }),
  ];
}

function listening(name: (typeof LISTENING)[number], real: Method): Method {
  return function (this: unknown, event, ...args) {
    const simulated = current.getStore();
    if (simulated === undefined || !VIRTUAL.test(event)) return real.call(this, event, ...args);
    const { events } = simulated.own;
    const result = (events[name] as Method).call(events, event, ...args);
    return result === events ? this : result;
  };
}

/** The properties of `process` that are the simulated process's. */
const PROPERTIES = ['argv', 'env', 'exitCode', 'stdin', 'stdout', 'stderr'] as const;
/** Those that are the runtime's where the program of a host is a function: for debugging. */
const SCRIPTED: ReadonlySet<string> = new Set(['argv', 'stdin', 'stdout', 'stderr']);
const CONSOLE = { log: 'stdout', info: 'stdout', debug: 'stdout', warn: 'stderr', error: 'stderr' };

/** Replaces the properties of `process` inside hosts. Returns a function that restores them. */
export function replaceProcessProperties(): () => void {
  const undo = PROPERTIES.map((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(process, name);
    if (descriptor?.configurable !== true) return () => {};
    const own = (): Process['own'] | undefined => {
      const simulated = current.getStore()?.own;
      return SCRIPTED.has(name) && simulated?.scripted !== true ? undefined : simulated;
    };
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: descriptor.enumerable ?? true,
      get() {
        const simulated = own();
        if (simulated !== undefined) return simulated[name];
        return descriptor.get === undefined ? descriptor.value : descriptor.get.call(process);
      },
      set(value: unknown) {
        const simulated = own();
        if (simulated !== undefined) Object.assign(simulated, { [name]: value });
        else if (descriptor.set !== undefined) descriptor.set.call(process, value);
        else descriptor.value = value;
      },
    });
    return () => Object.defineProperty(process, name, descriptor);
  });
  return () => {
    for (const each of undo) each();
  };
}
