import { parseIPv4, parseIPv6 } from '@evloop/core/backend';
import { native } from '../native/native.ts';
import { interfaceIndex } from '../native/sockaddr.ts';
import { check, systemError } from '../native/system-error.ts';

const { IPPROTO_IP, IPPROTO_IPV6, ENODEV } = native.constants;

/** The 4 bytes of an IPv4 address. @throws TypeError when it is none. */
export function bytesOfIPv4(address: string): Uint8Array {
  const bytes = typeof address === 'string' ? parseIPv4(address) : undefined;
  if (bytes === undefined) throw new TypeError(`'${String(address)}' is not an IPv4 address`);
  return bytes;
}

/** The index of an interface given by index or name; 0 is the system's choice. @throws `ENODEV`, RangeError. */
export function indexOfInterface(id: number | string): number {
  if (typeof id === 'number') {
    if (Number.isInteger(id) && id >= 0 && id <= 0x7fffffff) return id;
    throw new RangeError(`an interface index is an integer ≥ 0, not ${id}`);
  }
  const index = interfaceIndex(id);
  if (index !== undefined) return index;
  throw systemError(-ENODEV, 'setsockopt', { address: id });
}

/** Joins or leaves an IPv4 group: `struct ip_mreq` of ip(7). */
export function changeMembershipV4(
  fd: number,
  option: number,
  syscall: string,
  group: string,
  interfaceAddress = '0.0.0.0',
): void {
  const request = new Uint8Array(8);
  request.set(bytesOfIPv4(group), 0);
  request.set(bytesOfIPv4(interfaceAddress), 4);
  check(native.setsockopt(fd, IPPROTO_IP, option, request), syscall, { address: group });
}

/** Joins or leaves an IPv6 group: `struct ipv6_mreq` of ipv6(7). */
export function changeMembershipV6(
  fd: number,
  option: number,
  syscall: string,
  group: string,
  interfaceId: number | string = 0,
): void {
  const bytes = typeof group === 'string' ? parseIPv6(group) : undefined;
  if (bytes === undefined) throw new TypeError(`'${String(group)}' is not an IPv6 address`);
  const request = new Uint8Array(20);
  request.set(bytes, 0);
  request.set(new Uint8Array(Uint32Array.of(indexOfInterface(interfaceId)).buffer), 16);
  check(native.setsockopt(fd, IPPROTO_IPV6, option, request), syscall, { address: group });
}
