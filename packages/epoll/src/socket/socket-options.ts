import type { SocketOption, SocketOptionName, SocketOptions, Steering } from '@evloop/core';
import {
  checkRange,
  checkSocketOptionValue,
  givenSocketOptions,
  SOCKET_OPTION_FORMS,
  type SocketOptionForm,
} from '@evloop/core/backend';
import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { checkInteger, getIntOption } from '../native/socket-option.ts';
import {
  type DatagramOptionName,
  getDatagramOption,
  isDatagramOption,
  setDatagramOption,
} from './datagram-options.ts';
import { setSteering } from './steering.ts';

const { SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6 } = native.constants;
const c = native.constants;

/** The kernel's numbers of an option. */
type Row = readonly [level: number, option: number];

const TABLE: Readonly<Record<Exclude<SocketOptionName, DatagramOptionName | 'steering'>, Row>> = {
  keepAlive: [SOL_SOCKET, c.SO_KEEPALIVE],
  keepIdle: [IPPROTO_TCP, c.TCP_KEEPIDLE],
  keepInterval: [IPPROTO_TCP, c.TCP_KEEPINTVL],
  keepCount: [IPPROTO_TCP, c.TCP_KEEPCNT],
  userTimeout: [IPPROTO_TCP, c.TCP_USER_TIMEOUT],
  linger: [SOL_SOCKET, c.SO_LINGER],
  nodelay: [IPPROTO_TCP, c.TCP_NODELAY],
  cork: [IPPROTO_TCP, c.TCP_CORK],
  notSentLowat: [IPPROTO_TCP, c.TCP_NOTSENT_LOWAT],
  quickAck: [IPPROTO_TCP, c.TCP_QUICKACK],
  deferAccept: [IPPROTO_TCP, c.TCP_DEFER_ACCEPT],
  fastOpen: [IPPROTO_TCP, c.TCP_FASTOPEN],
  fastOpenConnect: [IPPROTO_TCP, c.TCP_FASTOPEN_CONNECT],
  recvBufferSize: [SOL_SOCKET, c.SO_RCVBUF],
  sendBufferSize: [SOL_SOCKET, c.SO_SNDBUF],
  tos: [IPPROTO_IP, c.IP_TOS],
  trafficClass: [IPPROTO_IPV6, c.IPV6_TCLASS],
  mark: [SOL_SOCKET, c.SO_MARK],
  priority: [SOL_SOCKET, c.SO_PRIORITY],
  bindToDevice: [SOL_SOCKET, c.SO_BINDTODEVICE],
  freeBind: [IPPROTO_IP, c.IP_FREEBIND],
  transparent: [IPPROTO_IP, c.IP_TRANSPARENT],
  bindAddressNoPort: [IPPROTO_IP, c.IP_BIND_ADDRESS_NO_PORT],
  busyPoll: [SOL_SOCKET, c.SO_BUSY_POLL],
  incomingCpu: [SOL_SOCKET, c.SO_INCOMING_CPU],
  ipv6Only: [IPPROTO_IPV6, c.IPV6_V6ONLY],
  reuseAddr: [SOL_SOCKET, c.SO_REUSEADDR],
  reusePort: [SOL_SOCKET, c.SO_REUSEPORT],
};

/** IFNAMSIZ, with its NUL. */
const NAME_SIZE = 16;

/**
 * Returns the option as the kernel has it.
 *
 * @throws a `SystemError`: `ENOPROTOOPT` or `ENOTSUP`, the socket lacks the option.
 */
export function getSocketOption<N extends SocketOptionName>(fd: number, name: N): SocketOption<N> {
  return readOption(fd, name) as SocketOption<N>;
}

function readOption(fd: number, name: SocketOptionName): unknown {
  if (isDatagramOption(name)) return getDatagramOption(fd, name);
  // The kernel does not return it, so the socket remembers it.
  if (name === 'steering') return null;
  const [level, option] = TABLE[name];
  return read(fd, level, option, SOCKET_OPTION_FORMS[name]);
}

function read(fd: number, level: number, option: number, form: SocketOptionForm): unknown {
  if (form.as === 'name') {
    const text = getRawOption(fd, level, option, NAME_SIZE);
    return new TextDecoder().decode(text.subarray(0, Math.max(text.length - 1, 0)));
  }
  if (form.as === 'time or off') {
    const [on, count = 0] = new Int32Array(getRawOption(fd, level, option, 8).buffer);
    return on === 0 ? null : count * form.unit;
  }
  const value = getIntOption(fd, level, option);
  if (form.as === 'flag') return value !== 0;
  return form.as === 'time' ? value * form.unit : value;
}

/**
 * Sets the option.
 *
 * @throws TypeError or RangeError: the value is invalid. A `SystemError`: as `getSocketOption`, or
 *   `EPERM`.
 */
export function setSocketOption<N extends SocketOptionName>(
  fd: number,
  name: N,
  value: SocketOption<N>,
): void {
  set(fd, name, checkSocketOptionValue(name, value));
}

function set(fd: number, name: SocketOptionName, value: unknown): void {
  if (isDatagramOption(name)) {
    setDatagramOption(fd, name, value as boolean | string);
  } else if (name === 'steering') {
    setSteering(fd, value as Steering | null);
  } else {
    const [level, option] = TABLE[name];
    setRawOption(fd, level, option, encode(SOCKET_OPTION_FORMS[name], value));
  }
}

function encode(form: SocketOptionForm, value: unknown): Uint8Array {
  switch (form.as) {
    case 'name':
      return new TextEncoder().encode(value as string);
    case 'time or off':
      return value === null ? ints(0, 0) : ints(1, countOf(value, form.unit));
    case 'time':
      return ints(countOf(value, form.unit));
    default:
      return ints(Number(value));
  }
}

function countOf(milliseconds: unknown, unit: number): number {
  return Math.round(Number(milliseconds) / unit);
}

function ints(...values: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

/** Sets all given options. @throws EVLOOP_UNSUPPORTED: an option is not in `known`. */
export function setSocketOptions(
  fd: number,
  options: SocketOptions | undefined,
  known: readonly SocketOptionName[],
): void {
  // Steering comes last: the kernel accepts it only on a socket that shares its port.
  const given = givenSocketOptions(options, known);
  const names = given.toSorted((a, b) => Number(a === 'steering') - Number(b === 'steering'));
  for (const name of names) {
    setSocketOption(fd, name, options?.[name] as SocketOption<typeof name>);
  }
}

/** Returns the bytes of any option: getsockopt(2). */
export function getRawOption(fd: number, level: number, option: number, most: number): Uint8Array {
  const value = new Uint8Array(checkInteger('size', most, 0, 65536));
  return value.slice(0, check(native.getsockopt(fd, level, option, value), 'getsockopt'));
}

/** Sets any option: setsockopt(2). */
export function setRawOption(fd: number, level: number, option: number, value: Uint8Array): void {
  checkRange(value, 0, undefined);
  check(native.setsockopt(fd, level, option, value), 'setsockopt');
}
