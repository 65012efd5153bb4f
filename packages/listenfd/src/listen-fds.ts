import { type Environment, type ListenFd, parseListenFds } from './parse-listen-fds.ts';

/** Options of {@link ListenFds.fromEnvironment}. */
export interface ListenFdsOptions {
  /** The environment that is read, and from which the variables are removed: `process.env` where it is left out. */
  readonly env?: Environment | undefined;
  /** The process that they must be meant for: this one where it is left out. `null` does not check. */
  readonly pid?: number | null | undefined;
}

/**
 * The descriptors that a supervisor has handed over, each of which is given out once.
 *
 * @example
 * ```ts
 * const inherited = ListenFds.fromEnvironment();
 * const http = inherited.take('http');
 * if (http === undefined) throw new Error(inherited.absence ?? 'no socket is called http');
 * ```
 */
export class ListenFds {
  /** Why nothing was handed over, as half a sentence: `'LISTEN_FDS is not set'`. `undefined` when something was. */
  readonly absence: string | undefined;
  readonly #left: ListenFd[];

  constructor(descriptors: readonly ListenFd[], absence?: string) {
    this.#left = [...descriptors];
    this.absence = absence;
  }

  /**
   * Reads what was handed over, and removes `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES` from the environment in any
   * case, also when it throws: child processes must not take the descriptors for theirs, and a second call finds nothing.
   *
   * @throws RangeError or TypeError for malformed variables: see {@link parseListenFds}.
   */
  static fromEnvironment(options: ListenFdsOptions = {}): ListenFds {
    const { env = process.env, pid = process.pid } = options;
    try {
      const { descriptors, absence } = parseListenFds(env, pid);
      return new ListenFds(descriptors, absence);
    } finally {
      delete env['LISTEN_PID'];
      delete env['LISTEN_FDS'];
      delete env['LISTEN_FDNAMES'];
    }
  }

  /** What has not been taken yet, in order. */
  get left(): readonly ListenFd[] {
    return [...this.#left];
  }

  /** Takes the first that is left, of that name if one is given. `undefined` when there is none. */
  take(name?: string): ListenFd | undefined {
    const i = this.#left.findIndex((one) => name === undefined || one.name === name);
    return i === -1 ? undefined : this.#left.splice(i, 1)[0];
  }
}
