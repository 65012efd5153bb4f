import { type Environment, type ListenFd, parseListenFds } from './parse-listen-fds.ts';
import { type TakenFds, takenFds } from './taken-fds.ts';

/** Options of {@link ListenFds.fromEnvironment}. */
export interface ListenFdsOptions {
  /**
   * The environment that is read, and from which the variables are removed: `process.env` where it
   * is left out.
   */
  readonly env?: Environment | undefined;
  /**
   * The process that they must be meant for: this one where it is left out. `null` does not check.
   */
  readonly pid?: number | null | undefined;
}

/**
 * The descriptors that a supervisor has handed over. Each is given out once: what comes from
 * `process.env` once in the process, whichever thread asks, and what comes from another environment
 * once for each `ListenFds`.
 *
 * In a worker, `process.env` is a copy unless the worker was started with `env: SHARE_ENV`. So let
 * the main thread import this package before it starts workers that take descriptors: a worker that
 * was started earlier gets none, and `absence` says so.
 *
 * @example
 * ```ts
 * const inherited = ListenFds.fromEnvironment();
 * const http = inherited.take('http');
 * if (http === undefined) throw new Error(inherited.absence ?? 'no socket is called http');
 * ```
 */
export class ListenFds {
  /**
   * Why nothing was handed over, as half a sentence: `'LISTEN_FDS is not set'`. `undefined` when
   * something was.
   */
  readonly absence: string | undefined;
  readonly #left: ListenFd[];
  #taken: TakenFds | undefined;

  constructor(descriptors: readonly ListenFd[], absence?: string) {
    this.#left = [...descriptors];
    this.absence = absence;
  }

  /**
   * Reads what was handed over, and removes `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES` from
   * the environment in any case, also when it throws: child processes must not take the descriptors
   * for theirs, and a second call finds nothing.
   *
   * A worker removes them from its own copy only. Call it in the main thread too, if that starts
   * child processes.
   *
   * @throws RangeError or TypeError for malformed variables: see {@link parseListenFds}.
   */
  static fromEnvironment(options: ListenFdsOptions = {}): ListenFds {
    const { env = process.env, pid = process.pid } = options;
    try {
      const { descriptors, absence } = parseListenFds(env, pid);
      if (env !== process.env || absence !== undefined) return new ListenFds(descriptors, absence);
      if (takenFds === undefined) return new ListenFds([], TOO_EARLY);
      const inherited = new ListenFds(descriptors);
      inherited.#taken = takenFds;
      return inherited;
    } finally {
      delete env['LISTEN_PID'];
      delete env['LISTEN_FDS'];
      delete env['LISTEN_FDNAMES'];
    }
  }

  /** What no thread has taken yet, in order. */
  get left(): readonly ListenFd[] {
    const taken = this.#taken;
    return this.#left.filter(({ fd }) => taken?.has(fd) !== true);
  }

  /** Takes the first that is left, of that name if one is given. `undefined` when there is none. */
  take(name?: string): ListenFd | undefined {
    for (;;) {
      const i = this.#left.findIndex((one) => name === undefined || one.name === name);
      const [found] = i === -1 ? [] : this.#left.splice(i, 1);
      if (found === undefined || this.#taken?.take(found.fd) !== false) return found;
    }
  }
}

const TOO_EARLY =
  'this worker was started before the main thread imported @evloop/listenfd, so that another thread may have them';
