import { type Environment, type ListenFd, parseListenFds } from './parse-listen-fds.ts';
import { type TakenFds, takenFds } from './taken-fds.ts';

/** Options of {@link ListenFds.fromEnvironment}. */
export interface ListenFdsOptions {
  /** The environment to read, and to remove the variables from. Default: `process.env`. */
  readonly env?: Environment | undefined;
  /** The process that the variables must name. Default: this one. `null` does not check. */
  readonly pid?: number | null | undefined;
}

/**
 * The descriptors that a supervisor has handed over. Each is given out once. Those from
 * `process.env` are given out once per process, whichever thread asks. Those from another
 * environment are given out once per `ListenFds`.
 *
 * In a worker, `process.env` is a copy unless the worker was started with `env: SHARE_ENV`. So let
 * the main thread import this package before it starts workers that take descriptors. A worker that
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
   * Why there are no descriptors, as half a sentence: `'LISTEN_FDS is not set'`. `undefined` if
   * there are some.
   */
  readonly absence: string | undefined;
  readonly #left: ListenFd[];
  #taken: TakenFds | undefined;

  constructor(descriptors: readonly ListenFd[], absence?: string) {
    this.#left = [...descriptors];
    this.absence = absence;
  }

  /**
   * Reads the inherited descriptors. Always removes `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES`
   * from the environment, also when it throws. So child processes don't mistake the descriptors for
   * theirs, and a second call finds nothing.
   *
   * A worker removes the variables only from its own copy. Call it in the main thread too, if that
   * starts child processes.
   *
   * @throws RangeError or TypeError: the variables are malformed, see {@link parseListenFds}.
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

  /** The descriptors that no thread has taken yet, in order. */
  get left(): readonly ListenFd[] {
    const taken = this.#taken;
    return this.#left.filter(({ fd }) => taken?.has(fd) !== true);
  }

  /**
   * Takes the first remaining descriptor, or the first one with that name. `undefined` if there is
   * none.
   */
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
