import { parseIPv4, parseIPv6, splitZone } from './ip.ts';

/**
 * The address of an IP socket, in the shape that `node:net` and `node:dgram` use.
 */
export interface SocketAddress {
  /** An IP literal. IPv6 has no brackets. Link-local addresses have a zone (`%eth0`, `%2`). */
  readonly address: string;
  /** 0 to 65535. When binding, 0 lets the system choose. */
  readonly port: number;
  /** The family of `address`. */
  readonly family: 'IPv4' | 'IPv6';
}

/**
 * An address as a program may give it: `'127.0.0.1:9000'`, `'[::1]:9000'`, or an object like {@link
 * SocketAddress}, whose `family` is optional.
 */
export type SocketAddressLike =
  | string
  | { readonly address: string; readonly port: number; readonly family?: 'IPv4' | 'IPv6' };

/**
 * Returns the address that `input` means, checked and complete.
 *
 * Names are not looked up, because that takes time and may fail. Resolve them with `node:dns`
 * first.
 *
 * @throws TypeError: `input` is a host name (the message says what to do), has a bad literal, or a
 *   family that does not fit. RangeError: the port is not an integer from 0 to 65535.
 */
export function toSocketAddress(input: SocketAddressLike): SocketAddress {
  const { address, port, family } = typeof input === 'string' ? split(input) : parts(input);
  const found = familyOf(address);
  if (found === undefined) {
    throw new TypeError(
      `invalid address: '${address}' is not an IP address (resolve names first: dns.promises.lookup)`,
    );
  }
  if (family !== undefined && family !== found) {
    throw new TypeError(`invalid family: ${String(family)} ('${address}' is an ${found} address)`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RangeError(`invalid port: ${String(port)} (expected an integer from 0 to 65535)`);
  }
  return { address, port, family: found };
}

/** Writes an address as `127.0.0.1:9000` or `[::1]:9000`, which {@link toSocketAddress} reads. */
export function formatSocketAddress(address: SocketAddress): string {
  return address.family === 'IPv6'
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}

interface Parts {
  address: string;
  port: number;
  family: unknown;
}

function split(input: string): Parts {
  const match = /^(?:\[(?<v6>[^\]]*)\]|(?<v4>[^:]*)):(?<port>[^:]*)$/.exec(input)?.groups;
  if (match === undefined) {
    throw new TypeError(
      `invalid address: '${input}' (expected the form '127.0.0.1:9000', or '[::1]:9000' for IPv6)`,
    );
  }
  if (!/^\d+$/.test(match['port'] as string)) {
    throw new RangeError(`invalid port: '${match['port']}' (expected an integer from 0 to 65535)`);
  }
  const family = match['v6'] === undefined ? undefined : 'IPv6';
  return { address: (match['v6'] ?? match['v4']) as string, port: Number(match['port']), family };
}

function parts(input: Exclude<SocketAddressLike, string>): Parts {
  if (typeof input !== 'object' || input === null || typeof input.address !== 'string') {
    throw new TypeError(
      "invalid address (expected a string like '127.0.0.1:9000', or { address, port })",
    );
  }
  return { address: input.address, port: input.port, family: input.family };
}

function familyOf(text: string): 'IPv4' | 'IPv6' | undefined {
  if (parseIPv4(text) !== undefined) return 'IPv4';
  const { address, zone } = splitZone(text);
  return parseIPv6(address) !== undefined && zone !== '' ? 'IPv6' : undefined;
}
