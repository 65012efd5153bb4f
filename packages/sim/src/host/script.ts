import { fileURLToPath, pathToFileURL } from 'node:url';
import { currentProcess } from './current.ts';
import type { Program } from './host.ts';

/** Options of {@link script}. */
export interface ScriptOptions {
  /** What its standard input has; nothing where it is left out. */
  readonly input?: string | Uint8Array | undefined;
  /** Variables beside those of the real environment. `EVLOOP_BACKEND` is `sim`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A module is evaluated once for each URL, so that each process loads one of its own. */
let loads = 0;

/**
 * Returns a program that runs a module as `node MODULE ARGS` does, for `sim.host`.
 *
 * The module is evaluated anew for each process. Inside it `process` has the arguments, the
 * environment, the standard streams, the signals and the `exit` of the simulated process. An exit
 * code other than 0 fails the run. What the module imports is shared by all hosts.
 *
 * @param module a `file:` URL or a path.
 */
export function script(
  module: URL | string,
  args: readonly string[] = [],
  { input = '', env = {} }: ScriptOptions = {},
): Program {
  const url = module instanceof URL ? module.href : pathToFileURL(module).href;
  return async () => {
    const process = currentProcess();
    const argv = [globalThis.process.execPath, fileURLToPath(url), ...args];
    process.own.start(argv, input, env);
    await import(`${url}?process=${++loads}`);
    process.idle();
  };
}
