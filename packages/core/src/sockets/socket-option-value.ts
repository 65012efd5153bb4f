import { utf8Length } from '../address/utf8-length.ts';
import { unsupportedError } from '../errors.ts';
import type { SocketOption, SocketOptionName, SocketOptions, Steering } from './socket-options.ts';

/** The kind of values that an option has. */
export type SocketOptionForm =
  | { readonly as: 'flag' | 'name' }
  | { readonly as: 'integer'; readonly least: number; readonly most: number }
  | { readonly as: 'choice'; readonly values: readonly string[] }
  | { readonly as: 'steering' }
  /** `unit`: the unit that the system counts in, in milliseconds. */
  | { readonly as: 'time' | 'time or off'; readonly unit: number };

const INT_MAX = 0x7fffffff;
const flag: SocketOptionForm = { as: 'flag' };
const seconds: SocketOptionForm = { as: 'time', unit: 1000 };
const integer = (least = 0, most = INT_MAX): SocketOptionForm => ({ as: 'integer', least, most });

/** For backends: the options of the catalogue, with the kind of values of each. */
export const SOCKET_OPTION_FORMS: Readonly<Record<SocketOptionName, SocketOptionForm>> = {
  keepAlive: flag,
  keepIdle: seconds,
  keepInterval: seconds,
  keepCount: integer(1, 127),
  userTimeout: { as: 'time', unit: 1 },
  linger: { as: 'time or off', unit: 1000 },
  nodelay: flag,
  cork: flag,
  notSentLowat: integer(),
  quickAck: flag,
  deferAccept: seconds,
  fastOpen: integer(),
  fastOpenConnect: flag,
  recvBufferSize: integer(1),
  sendBufferSize: integer(1),
  tos: integer(0, 255),
  trafficClass: integer(0, 255),
  mark: integer(),
  priority: integer(),
  bindToDevice: { as: 'name' },
  freeBind: flag,
  transparent: flag,
  bindAddressNoPort: flag,
  busyPoll: { as: 'time', unit: 0.001 },
  incomingCpu: integer(),
  ipv6Only: flag,
  reuseAddr: flag,
  reusePort: flag,
  steering: { as: 'steering' },
  packetInfo: flag,
  recvTos: flag,
  recvTtl: flag,
  recvTimestamps: flag,
  sendTimestamps: flag,
  txTime: { as: 'choice', values: ['off', 'monotonic', 'tai'] },
  recvErrors: flag,
  pathMtuDiscovery: {
    as: 'choice',
    values: ['dont', 'want', 'do', 'probe', 'interface', 'omit'],
  },
};

/** The most sockets of a group, and the largest offset that a kernel filter reaches safely. */
const MOST_SOCKETS = 65535;

/** The most bytes of the name of an interface: IFNAMSIZ less its NUL. */
const NAME_BYTES = 15;

/**
 * For backends: checks the name of an option.
 *
 * @param known the options that this kind of socket has.
 * @throws TypeError: the catalogue has no such option. EVLOOP_UNSUPPORTED: it is not in `known`.
 */
export function checkSocketOptionName(
  name: SocketOptionName,
  known: readonly SocketOptionName[],
): void {
  if (known.includes(name)) return;
  if (!Object.hasOwn(SOCKET_OPTION_FORMS, name)) {
    throw new TypeError(`invalid socket option: '${String(name)}' (see SocketOptions)`);
  }
  throw unsupportedError(
    `socket option ${name} is not supported by this kind of socket here: see supports`,
  );
}

/**
 * For backends: returns the names of the options that `options` sets, checked as
 * `checkSocketOptionName` does.
 */
export function givenSocketOptions(
  options: SocketOptions | undefined,
  known: readonly SocketOptionName[],
): SocketOptionName[] {
  const names = Object.keys(options ?? {}) as SocketOptionName[];
  const given = names.filter((name) => options?.[name] !== undefined);
  for (const name of given) checkSocketOptionName(name, known);
  return given;
}

/**
 * For backends: checks the value of an option. Rounds times up to the system's unit.
 *
 * @throws TypeError or RangeError: the value is invalid.
 */
export function checkSocketOptionValue<N extends SocketOptionName>(
  name: N,
  value: unknown,
): SocketOption<N> {
  return checked(name, SOCKET_OPTION_FORMS[name], value) as SocketOption<N>;
}

function checked(name: string, form: SocketOptionForm, value: unknown): unknown {
  switch (form.as) {
    case 'flag':
      if (typeof value === 'boolean') return value;
      throw new TypeError(`invalid ${name}: ${String(value)} (expected a boolean)`);
    case 'name':
      return checkName(name, value);
    case 'choice':
      if (form.values.includes(value as string)) return value;
      throw new TypeError(
        `invalid ${name}: ${String(value)} (expected one of ${form.values.join(', ')})`,
      );
    case 'steering':
      return value === null ? null : checkSteering(value as Steering);
    case 'integer': {
      const { least, most } = form;
      if (isWithin(value, least, most)) return value;
      throw new RangeError(
        `invalid ${name}: ${String(value)} (expected an integer from ${least} to ${most})`,
      );
    }
    case 'time or off':
      return value === null ? null : checkTime(name, value, form.unit);
    case 'time':
      return checkTime(name, value, form.unit);
  }
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

function checkSteering(value: Steering): Steering {
  const { by, sockets } = value ?? {};
  if (by !== 'cpu' && by !== 'byte') {
    throw new TypeError(`invalid steering.by: ${String(by)} (expected 'cpu' or 'byte')`);
  }
  const { offset = 0 } = value as { offset?: number };
  for (const [what, number, least] of [
    ['sockets', sockets, 1],
    ['offset', offset, 0],
  ] as const) {
    if (isWithin(number, least, MOST_SOCKETS)) continue;
    throw new RangeError(
      `invalid steering.${what}: ${String(number)} (expected an integer from ${least} to ${MOST_SOCKETS})`,
    );
  }
  return by === 'cpu' ? { by, sockets } : { by, offset, sockets };
}

function checkTime(name: string, value: unknown, unit: number): number {
  if (typeof value === 'number' && value >= 0) {
    // Binary fractions are inexact: a tiny rest is not another unit.
    const count = Math.max(Math.ceil(value / unit - 1e-9), 0);
    if (count <= INT_MAX) return count * unit;
  }
  throw new RangeError(
    `invalid ${name}: ${String(value)} (expected milliseconds from 0 to ${INT_MAX * unit})`,
  );
}

function checkName(name: string, value: unknown): string {
  const isName = typeof value === 'string' && !value.includes('\0');
  if (isName && utf8Length(value) <= NAME_BYTES) return value;
  throw new TypeError(
    `invalid ${name}: ${String(value)} (expected an interface name of at most ${NAME_BYTES} bytes)`,
  );
}
