import type { SocketOptionName } from '@evloop/core';
import { check, errnoError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { getIntOption, setIntOption } from '../native/socket-option.ts';

const c = native.constants;
const { SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6, AF_INET6 } = c;

/**
 * The options of UDP sockets that differ between families, or that the kernel keeps in another
 * form.
 */
export const DATAGRAM_OPTIONS = [
  'packetInfo',
  'recvTos',
  'recvTtl',
  'recvTimestamps',
  'sendTimestamps',
  'txTime',
  'recvErrors',
  'pathMtuDiscovery',
] as const satisfies readonly SocketOptionName[];

export type DatagramOptionName = (typeof DATAGRAM_OPTIONS)[number];

/** The numbers of an option for IPv4 and for IPv6. */
type Pair = readonly [four: number, six: number];

const PAIRS: Readonly<Partial<Record<DatagramOptionName, Pair>>> = {
  packetInfo: [c.IP_PKTINFO, c.IPV6_RECVPKTINFO],
  recvTos: [c.IP_RECVTOS, c.IPV6_RECVTCLASS],
  recvTtl: [c.IP_RECVTTL, c.IPV6_RECVHOPLIMIT],
  recvErrors: [c.IP_RECVERR, c.IPV6_RECVERR],
  pathMtuDiscovery: [c.IP_MTU_DISCOVER, c.IPV6_MTU_DISCOVER],
};

/** `IP_PMTUDISC_…` of ip(7), which count from 0. */
const DISCOVERY = ['dont', 'want', 'do', 'probe', 'interface', 'omit'];

/** `SOF_TIMESTAMPING_…` of the kernel's timestamping.rst. */
const RX_SOFTWARE = 8;
const SOFTWARE = 16;
/** TX_SOFTWARE, OPT_ID and OPT_TSONLY: each datagram is counted, and its bytes are not returned. */
const TX = 2 | 128 | 2048;

/** The clocks of `SO_TXTIME`: CLOCK_MONOTONIC and CLOCK_TAI of clock_gettime(2). */
const CLOCKS: Readonly<Record<string, number>> = { off: 0, monotonic: 1, tai: 11 };

/** Whether `name` is one of {@link DATAGRAM_OPTIONS}. */
export function isDatagramOption(name: SocketOptionName): name is DatagramOptionName {
  return (DATAGRAM_OPTIONS as readonly string[]).includes(name);
}

/** Returns the option as the kernel has it. */
export function getDatagramOption(fd: number, name: DatagramOptionName): boolean | string {
  if (name === 'recvTimestamps') return (timestamping(fd) & RX_SOFTWARE) !== 0;
  if (name === 'sendTimestamps') return (timestamping(fd) & TX) !== 0;
  if (name === 'txTime') {
    const clock = getClock(fd);
    return Object.keys(CLOCKS).find((key) => CLOCKS[key] === clock) ?? 'off';
  }
  const [four, six] = PAIRS[name] as Pair;
  const value = isIPv6(fd)
    ? getIntOption(fd, IPPROTO_IPV6, six)
    : getIntOption(fd, IPPROTO_IP, four);
  return name === 'pathMtuDiscovery' ? (DISCOVERY[value] ?? String(value)) : value !== 0;
}

/** Sets the option to a value that core has checked. */
export function setDatagramOption(
  fd: number,
  name: DatagramOptionName,
  value: boolean | string,
): void {
  if (name === 'recvTimestamps') setTimestamping(fd, RX_SOFTWARE, value === true);
  else if (name === 'sendTimestamps') setTimestamping(fd, TX, value === true);
  else if (name === 'txTime') setClock(fd, CLOCKS[value as string] as number);
  else {
    const number = name === 'pathMtuDiscovery' ? DISCOVERY.indexOf(value as string) : Number(value);
    const [four, six] = PAIRS[name] as Pair;
    // An IPv6 socket may also carry IPv4, for which the kernel has a separate option.
    if (isIPv6(fd)) setIntOption(fd, IPPROTO_IPV6, six, number);
    setIntOption(fd, IPPROTO_IP, four, number);
  }
}

function timestamping(fd: number): number {
  return getIntOption(fd, SOL_SOCKET, c.SO_TIMESTAMPING);
}

/**
 * Both options are bits of one kernel option, and share the bit that makes the kernel report the
 * times.
 */
function setTimestamping(fd: number, bits: number, on: boolean): void {
  const others = timestamping(fd) & ~(bits | SOFTWARE);
  const next = on ? others | bits : others;
  setIntOption(fd, SOL_SOCKET, c.SO_TIMESTAMPING, next === 0 ? 0 : next | SOFTWARE);
}

function getClock(fd: number): number {
  const value = new Int32Array(2);
  const bytes = new Uint8Array(value.buffer);
  check(native.getsockopt(fd, SOL_SOCKET, c.SO_TXTIME, bytes), 'getsockopt');
  return value[0] as number;
}

/** Includes the flag to report datagrams that miss their time: SOF_TXTIME_REPORT_ERRORS. */
function setClock(fd: number, clock: number): void {
  if (clock === CLOCKS['off']) {
    if (getClock(fd) !== clock) throw errnoError(-c.EINVAL, 'setsockopt');
    return;
  }
  const bytes = new Uint8Array(Int32Array.of(clock, 2).buffer);
  check(native.setsockopt(fd, SOL_SOCKET, c.SO_TXTIME, bytes), 'setsockopt');
}

function isIPv6(fd: number): boolean {
  return getIntOption(fd, SOL_SOCKET, c.SO_DOMAIN) === AF_INET6;
}
