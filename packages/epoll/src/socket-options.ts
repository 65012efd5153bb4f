import { native } from './native.ts';
import { checkInteger, getIntOption } from './socket-option.ts';
import { check } from './system-error.ts';

const { SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6 } = native.constants;
const c = native.constants;

/**
 * The options of sockets by name: socket(7), tcp(7), ip(7), ipv6(7). Times are milliseconds, rounded up to what the kernel counts in.
 *
 * Given at `bind` or `connect` they are set before the address is, which several need; a socket that is accepted has its listener's.
 */
export interface SocketOptions {
  /** `SO_KEEPALIVE`: asks after a peer that is silent. */
  readonly keepAlive?: boolean;
  /** `TCP_KEEPIDLE`: after so long for the first time; whole seconds. */
  readonly keepIdle?: number;
  /** `TCP_KEEPINTVL`: and then so often; whole seconds. */
  readonly keepInterval?: number;
  /** `TCP_KEEPCNT`: so many times. */
  readonly keepCount?: number;
  /** `TCP_USER_TIMEOUT`: how long sent bytes may go unacknowledged; 0 is the system's choice. */
  readonly userTimeout?: number;
  /** `SO_LINGER`: closing waits so long for what was sent, in the background, and then resets; 0 resets at once; `null` is off. Whole seconds. */
  readonly linger?: number | null;
  /** `TCP_NODELAY`. */
  readonly nodelay?: boolean;
  /** `TCP_CORK`: sends full segments only, for 200 ms at the most. */
  readonly cork?: boolean;
  /** `TCP_NOTSENT_LOWAT`: writable only while fewer bytes than this are still unsent. */
  readonly notSentLowat?: number;
  /** `TCP_QUICKACK`: acknowledges at once, until the kernel decides otherwise. */
  readonly quickAck?: boolean;
  /** `TCP_DEFER_ACCEPT`, of listeners: reported when data has come, or after so long. The kernel rounds it up to its retries. */
  readonly deferAccept?: number;
  /** `TCP_FASTOPEN`, of listeners: how many connections may bring data with their first segment. */
  readonly fastOpen?: number;
  /** `TCP_FASTOPEN_CONNECT`: the first `write` goes with the first segment, where the peer is known to take it. */
  readonly fastOpenConnect?: boolean;
  /** `SO_RCVBUF`, as the kernel counts: it takes the double. */
  readonly recvBufferSize?: number;
  /** `SO_SNDBUF`, likewise. */
  readonly sendBufferSize?: number;
  /** `IP_TOS`. The two lowest bits of a TCP socket's are the kernel's. */
  readonly tos?: number;
  /** `IPV6_TCLASS`. */
  readonly trafficClass?: number;
  /** `SO_MARK`: for routing and firewalls. `EPERM` without CAP_NET_ADMIN. */
  readonly mark?: number;
  /** `SO_PRIORITY`: 0 to 6 without privileges. */
  readonly priority?: number;
  /** `SO_BINDTODEVICE`: an interface by name; `''` is any. */
  readonly bindToDevice?: string;
  /** `IP_FREEBIND`: binds an address that is not there yet. */
  readonly freeBind?: boolean;
  /** `IP_TRANSPARENT`: binds an address that is another host's. `EPERM` without CAP_NET_ADMIN. */
  readonly transparent?: boolean;
  /** `IP_BIND_ADDRESS_NO_PORT`: a local address takes its port only when connecting. */
  readonly bindAddressNoPort?: boolean;
  /** `SO_BUSY_POLL`: how long a receive polls the device; whole microseconds. */
  readonly busyPoll?: number;
  /** `SO_INCOMING_CPU`: of sockets that share a port (`reusePort`), which serves which CPU. */
  readonly incomingCpu?: number;
  /** `IPV6_V6ONLY`: before binding only. */
  readonly ipv6Only?: boolean;
  /** `SO_REUSEADDR`. */
  readonly reuseAddr?: boolean;
  /** `SO_REUSEPORT`: several sockets share a port, and the kernel spreads the peers. */
  readonly reusePort?: boolean;
}

export type SocketOptionName = keyof SocketOptions;
export type SocketOption<N extends SocketOptionName> =
  | NonNullable<SocketOptions[N]>
  | (N extends 'linger' ? null : never);

/** How a value becomes the kernel's bytes. */
type Form =
  | { readonly as: 'flag' | 'text' | 'linger' }
  | { readonly as: 'integer'; readonly least: number; readonly most: number }
  /** `unit`: milliseconds in what the kernel counts. */
  | { readonly as: 'time'; readonly unit: number };

const flag: Form = { as: 'flag' };
const INT_MAX = 0x7fffffff;
const integer = (least = 0, most = INT_MAX): Form => ({ as: 'integer', least, most });
const time = (unit: number): Form => ({ as: 'time', unit });

type Row = readonly [level: number, option: number, form: Form];

const TABLE: Readonly<Record<SocketOptionName, Row>> = {
  keepAlive: [SOL_SOCKET, c.SO_KEEPALIVE, flag],
  keepIdle: [IPPROTO_TCP, c.TCP_KEEPIDLE, time(1000)],
  keepInterval: [IPPROTO_TCP, c.TCP_KEEPINTVL, time(1000)],
  keepCount: [IPPROTO_TCP, c.TCP_KEEPCNT, integer(1, 127)],
  userTimeout: [IPPROTO_TCP, c.TCP_USER_TIMEOUT, time(1)],
  linger: [SOL_SOCKET, c.SO_LINGER, { as: 'linger' }],
  nodelay: [IPPROTO_TCP, c.TCP_NODELAY, flag],
  cork: [IPPROTO_TCP, c.TCP_CORK, flag],
  notSentLowat: [IPPROTO_TCP, c.TCP_NOTSENT_LOWAT, integer()],
  quickAck: [IPPROTO_TCP, c.TCP_QUICKACK, flag],
  deferAccept: [IPPROTO_TCP, c.TCP_DEFER_ACCEPT, time(1000)],
  fastOpen: [IPPROTO_TCP, c.TCP_FASTOPEN, integer()],
  fastOpenConnect: [IPPROTO_TCP, c.TCP_FASTOPEN_CONNECT, flag],
  recvBufferSize: [SOL_SOCKET, c.SO_RCVBUF, integer(1)],
  sendBufferSize: [SOL_SOCKET, c.SO_SNDBUF, integer(1)],
  tos: [IPPROTO_IP, c.IP_TOS, integer(0, 255)],
  trafficClass: [IPPROTO_IPV6, c.IPV6_TCLASS, integer(0, 255)],
  mark: [SOL_SOCKET, c.SO_MARK, integer()],
  priority: [SOL_SOCKET, c.SO_PRIORITY, integer()],
  bindToDevice: [SOL_SOCKET, c.SO_BINDTODEVICE, { as: 'text' }],
  freeBind: [IPPROTO_IP, c.IP_FREEBIND, flag],
  transparent: [IPPROTO_IP, c.IP_TRANSPARENT, flag],
  bindAddressNoPort: [IPPROTO_IP, c.IP_BIND_ADDRESS_NO_PORT, flag],
  busyPoll: [SOL_SOCKET, c.SO_BUSY_POLL, time(0.001)],
  incomingCpu: [SOL_SOCKET, c.SO_INCOMING_CPU, integer()],
  ipv6Only: [IPPROTO_IPV6, c.IPV6_V6ONLY, flag],
  reuseAddr: [SOL_SOCKET, c.SO_REUSEADDR, flag],
  reusePort: [SOL_SOCKET, c.SO_REUSEPORT, flag],
};

/** IFNAMSIZ, with its NUL. */
const NAME_SIZE = 16;

function rowOf(name: SocketOptionName): Row {
  if (Object.hasOwn(TABLE, name)) return TABLE[name];
  throw new TypeError(`'${String(name)}' is no socket option`);
}

function checkTime(name: string, value: unknown, unit: number): number {
  const count = typeof value === 'number' && value >= 0 ? Math.ceil(value / unit - 1e-9) : -1;
  if (count >= 0 && count <= INT_MAX) return count;
  throw new RangeError(`${name} is a number of milliseconds from 0, not ${String(value)}`);
}

/** The option as the kernel has it. @throws a `SystemError`: `ENOPROTOOPT`, `ENOTSUP` where the socket has no such option. */
export function getSocketOption<N extends SocketOptionName>(fd: number, name: N): SocketOption<N> {
  const [level, option, form] = rowOf(name);
  return read(fd, level, option, form) as SocketOption<N>;
}

function read(fd: number, level: number, option: number, form: Form): unknown {
  if (form.as === 'text') {
    const text = new Uint8Array(NAME_SIZE);
    const size = check(native.getsockopt(fd, level, option, text), 'getsockopt');
    return new TextDecoder().decode(text.subarray(0, Math.max(size - 1, 0)));
  }
  if (form.as === 'linger') {
    const [on, seconds = 0] = new Int32Array(getRawOption(fd, level, option, 8).buffer);
    return on === 0 ? null : seconds * 1000;
  }
  const value = getIntOption(fd, level, option);
  if (form.as === 'flag') return value !== 0;
  return form.as === 'time' ? value * form.unit : value;
}

/** Sets the option. @throws TypeError or RangeError for a value that is none; a `SystemError` as `getSocketOption`, and `EPERM`. */
export function setSocketOption<N extends SocketOptionName>(
  fd: number,
  name: N,
  value: SocketOption<N>,
): void {
  const [level, option, form] = rowOf(name);
  setRawOption(fd, level, option, encode(name, form, value));
}

function encode(name: string, form: Form, value: unknown): Uint8Array {
  switch (form.as) {
    case 'flag':
      if (typeof value !== 'boolean') throw new TypeError(`${name} is true or false`);
      return ints(value ? 1 : 0);
    case 'integer':
      return ints(checkInteger(name, value as number, form.least, form.most));
    case 'time':
      return ints(checkTime(name, value, form.unit));
    case 'linger':
      return value === null ? ints(0, 0) : ints(1, checkTime(name, value, 1000));
    case 'text':
      return checkName(name, value);
  }
}

function ints(...values: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

function checkName(name: string, value: unknown): Uint8Array {
  const text = typeof value === 'string' ? new TextEncoder().encode(value) : undefined;
  if (text !== undefined && text.length < NAME_SIZE && !text.includes(0)) return text;
  throw new TypeError(`${name} is a name of at most ${NAME_SIZE - 1} bytes`);
}

/** Sets all that are given. */
export function setSocketOptions(fd: number, options: SocketOptions = {}): void {
  for (const name of Object.keys(options) as SocketOptionName[]) {
    const value = options[name];
    if (value !== undefined) setSocketOption(fd, name, value as SocketOption<typeof name>);
  }
}

/** The bytes of any option: getsockopt(2). */
export function getRawOption(fd: number, level: number, option: number, most: number): Uint8Array {
  const value = new Uint8Array(checkInteger('a size', most, 0, 65536));
  return value.slice(0, check(native.getsockopt(fd, level, option, value), 'getsockopt'));
}

/** Sets any option: setsockopt(2). */
export function setRawOption(fd: number, level: number, option: number, value: Uint8Array): void {
  check(native.setsockopt(fd, level, option, value), 'setsockopt');
}
