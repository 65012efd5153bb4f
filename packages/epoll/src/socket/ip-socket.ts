import type { SocketAddress } from '@evloop/core';
import { check, checkDatagram, type ErrorAddress } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { decodeIpName, familyOf, scratchName } from '../native/sockaddr.ts';
import { checkInteger, getIntOption, setIntOption } from '../native/socket-option.ts';

const { AF_INET6, SOL_SOCKET, SO_DOMAIN, SOCK_DGRAM } = native.constants;
const { IPPROTO_IP, IPPROTO_IPV6, IP_TTL, IPV6_UNICAST_HOPS } = native.constants;

/** Makes a socket for `address`, and passes it to `prepare`. Closes it again if that throws. */
export function openSocket(
  address: SocketAddress,
  type: number,
  syscall: string,
  prepare: (fd: number) => void,
): number {
  const result = native.socket(familyOf(address), type, 0);
  const fd = (type === SOCK_DGRAM ? checkDatagram : check)(result, syscall, address);
  try {
    prepare(fd);
  } catch (error) {
    native.close(fd);
    throw error;
  }
  return fd;
}

/** Returns the local address of an IP socket. */
export function localAddress(fd: number): SocketAddress {
  check(native.getsockname(fd, scratchName), 'getsockname');
  return decodeIpName(scratchName);
}

/** Returns the peer's address of an IP socket. @throws `ENOTCONN`: it is not connected. */
export function peerAddress(fd: number): SocketAddress {
  check(native.getpeername(fd, scratchName), 'getpeername');
  return decodeIpName(scratchName);
}

/** Returns the hop limit of an IP socket, of either family. */
export function getHopLimit(fd: number): number {
  return isIPv6(fd)
    ? getIntOption(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS)
    : getIntOption(fd, IPPROTO_IP, IP_TTL);
}

/**
 * Sets the hop limit, 1 to 255. An IPv6 socket may also carry IPv4, for which the kernel has a
 * separate option.
 */
export function setHopLimit(fd: number, hops: number): void {
  checkInteger('hop limit', hops, 1, 255);
  if (isIPv6(fd)) setIntOption(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops);
  setIntOption(fd, IPPROTO_IP, IP_TTL, hops);
}

/** Returns the parts of an address that an error names. */
export function errorAddress(address: SocketAddress): ErrorAddress {
  return { address: address.address, port: address.port };
}

function isIPv6(fd: number): boolean {
  return getIntOption(fd, SOL_SOCKET, SO_DOMAIN) === AF_INET6;
}
