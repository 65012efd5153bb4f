import type { SocketAddress } from '@evloop/core';

/** The addresses of one host. */
export interface Interfaces {
  readonly ipv4: string;
  readonly ipv6: string | undefined;
}

/** Whether `address` means the host itself: 127.0.0.0/8 or `::1`. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address === '::ffff:127.0.0.1';
}

/** Whether `address` means every address of its family. */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** Whether a socket of a host with these interfaces can be bound to `address`. */
export function isLocal(interfaces: Interfaces, address: string): boolean {
  return (
    isLoopback(address) ||
    isWildcard(address) ||
    address === interfaces.ipv4 ||
    address === interfaces.ipv6
  );
}

/** IPv4 addresses in IPv6's form, as sockets of IPv6 show them. */
export const MAPPED = '::ffff:';

/** The address without IPv6's form around an IPv4 address. */
export function unmapped({ address, port, family }: SocketAddress): SocketAddress {
  if (family === 'IPv4' || !/^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address)) {
    return { address, port, family };
  }
  return { address: address.slice(MAPPED.length), port, family: 'IPv4' };
}

/** The address as a socket of `family` shows it. */
export function shownTo(family: SocketAddress['family'], at: SocketAddress): SocketAddress {
  if (family === at.family) return at;
  return { address: `${MAPPED}${at.address}`, port: at.port, family: 'IPv6' };
}
