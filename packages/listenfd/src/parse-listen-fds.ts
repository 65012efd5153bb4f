/** A descriptor that a supervisor hands over. */
export interface ListenFd {
  readonly fd: number;
  /**
   * The name that the supervisor gave it (`FileDescriptorName=`), or `'unknown'`. Several may have
   * the same name.
   */
  readonly name: string;
}

/** The environment: `process.env`, or an object like it. */
export type Environment = Record<string, string | undefined>;

/** The result of {@link parseListenFds}. */
export interface ParsedListenFds {
  /** The descriptors, from 3 on, in the order of the supervisor's configuration. */
  readonly descriptors: readonly ListenFd[];
  /** Why there are none, as half a sentence; otherwise `undefined`. */
  readonly absence: string | undefined;
}

/** The first descriptor: SD_LISTEN_FDS_START of sd_listen_fds(3). */
const FIRST_FD = 3;
/**
 * A larger count is a mistake: no supervisor hands over so many, and each one costs memory here.
 */
const MOST = 65_535;

/**
 * Reads `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES` as sd_listen_fds_with_names(3) does.
 * Changes nothing. Variables that are unset, or that name another process, are not an error.
 *
 * @param pid the process that the variables must name. `null` does not check: for launchers that
 *   set no `LISTEN_PID`.
 * @throws RangeError: a number is invalid, or the count is not from 1 to 65535. TypeError: the
 *   number of names differs from the number of descriptors, or a name is invalid.
 */
export function parseListenFds(env: Environment, pid: number | null): ParsedListenFds {
  const { LISTEN_PID: listenPid, LISTEN_FDS: listenFds, LISTEN_FDNAMES: names } = env;
  if (pid !== null) {
    if (listenPid === undefined) return none('LISTEN_PID is not set');
    const target = integer('LISTEN_PID', listenPid, 1, 0x7fffffff);
    if (target !== pid) {
      return none(`LISTEN_PID is ${target}, so they are meant for another process than ${pid}`);
    }
  }
  if (listenFds === undefined) return none('LISTEN_FDS is not set');
  const count = integer('LISTEN_FDS', listenFds, 1, MOST);
  const list = names === undefined ? undefined : parseNames(names, count);
  const descriptors = Array.from({ length: count }, (_, i) => ({
    fd: FIRST_FD + i,
    name: list?.[i] ?? 'unknown',
  }));
  return { descriptors, absence: undefined };
}

function none(absence: string): ParsedListenFds {
  return { descriptors: [], absence };
}

function integer(variable: string, text: string, least: number, most: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new RangeError(
    `${variable} must be a number from ${least} to ${most}, not ${JSON.stringify(text)}`,
  );
}

function parseNames(text: string, count: number): string[] {
  const names = text.split(':');
  if (names.length !== count) {
    throw new TypeError(`LISTEN_FDS is ${count}, but LISTEN_FDNAMES has ${names.length} names`);
  }
  // systemd's rule for a name: at most 255 characters of printable ASCII, without a colon.
  const wrong = names.find((name) => !/^[\x20-\x7e]{0,255}$/.test(name));
  if (wrong === undefined) return names;
  throw new TypeError(`LISTEN_FDNAMES has ${JSON.stringify(wrong)}, which is not a name`);
}
