import type { SocketAddress } from '@evloop/core';
import { encodeName, NAME_STRIDE, parseIPv4, parseIPv6 } from '@evloop/core/backend';
import { check, datagramError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { interfaceIndex } from '../native/sockaddr.ts';

const { IPPROTO_IP, IPPROTO_IPV6, ENODEV } = native.constants;
const { IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IP_MULTICAST_IF } = native.constants;
const { IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP } = native.constants;
const { MCAST_JOIN_SOURCE_GROUP, MCAST_LEAVE_SOURCE_GROUP } = native.constants;
const { IP_ADD_SOURCE_MEMBERSHIP, IP_DROP_SOURCE_MEMBERSHIP } = native.constants;

/** Whether a group is joined or left: Node's names for the two. */
export type Membership = 'addMembership' | 'dropMembership';

/** An interface as IPv4 options take it: by an address of it, or by its index. */
interface InterfaceV4 {
  readonly address: Uint8Array;
  readonly index: number;
}

const ANY = new Uint8Array(4);

/** Returns the 4 bytes of an IPv4 address. @throws TypeError: it is not one. */
function bytesOfIPv4(address: string): Uint8Array {
  const bytes = typeof address === 'string' ? parseIPv4(address) : undefined;
  if (bytes === undefined) {
    throw new TypeError(`invalid address: '${String(address)}' (expected an IPv4 address)`);
  }
  return bytes;
}

/** Returns the 16 bytes of an IPv6 address. @throws TypeError: it is not one. */
function bytesOfIPv6(address: string): Uint8Array {
  const bytes = typeof address === 'string' ? parseIPv6(address) : undefined;
  if (bytes === undefined) {
    throw new TypeError(`invalid address: '${String(address)}' (expected an IPv6 address)`);
  }
  return bytes;
}

/**
 * Returns the index of an interface that is given by index or name; 0 is the system's choice. Names
 * are those of the network namespace of the socket.
 *
 * @throws `ENODEV`: there is no such name. TypeError, RangeError: `id` is neither.
 */
export function indexOfInterface(fd: number, id: number | string): number {
  if (typeof id === 'number') {
    if (Number.isInteger(id) && id >= 0 && id <= 0x7fffffff) return id;
    throw new RangeError(`invalid interface: ${id} (expected an index from 0 to 2147483647)`);
  }
  if (typeof id !== 'string') {
    throw new TypeError(`invalid interface: ${String(id)} (expected an index or a name)`);
  }
  const index = interfaceIndex(id, fd);
  if (index !== undefined) return index;
  throw datagramError(-ENODEV, 'setsockopt', { address: id });
}

function interfaceV4(fd: number, on: string | number): InterfaceV4 {
  const address = typeof on === 'string' ? parseIPv4(on) : undefined;
  return address === undefined
    ? { address: ANY, index: indexOfInterface(fd, on) }
    : { address, index: 0 };
}

/** Joins or leaves an IPv4 group: `struct ip_mreqn` of ip(7). */
export function changeMembershipV4(
  fd: number,
  what: Membership,
  group: string,
  on: string | number = 0,
): void {
  const option = what === 'addMembership' ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
  const request = interfaceRequest(bytesOfIPv4(group), interfaceV4(fd, on));
  check(native.setsockopt(fd, IPPROTO_IP, option, request), what);
}

/** Sets the interface that multicast datagrams leave by. */
export function setInterfaceV4(fd: number, on: string | number): void {
  const request = interfaceRequest(ANY, interfaceV4(fd, on));
  check(native.setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, request), 'setsockopt');
}

/** `struct ip_mreqn`: group, address of the interface, its index. */
function interfaceRequest(group: Uint8Array, { address, index }: InterfaceV4): Uint8Array {
  const request = new Uint8Array(12);
  request.set(group, 0);
  request.set(address, 4);
  new Uint32Array(request.buffer)[2] = index;
  return request;
}

/** Joins or leaves an IPv6 group: `struct ipv6_mreq` of ipv6(7). */
export function changeMembershipV6(
  fd: number,
  what: Membership,
  group: string,
  on: number | string = 0,
): void {
  const request = new Uint8Array(20);
  request.set(bytesOfIPv6(group), 0);
  new Uint32Array(request.buffer)[4] = indexOfInterface(fd, on);
  const option = what === 'addMembership' ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;
  check(native.setsockopt(fd, IPPROTO_IPV6, option, request), what);
}

/** Joins or leaves what one source sends to a group, of the family of the socket. */
export function changeSourceMembership(
  fd: number,
  what: Membership,
  family: SocketAddress['family'],
  [group, source, on = 0]: readonly [string, string, (string | number | undefined)?],
): void {
  const bytes = family === 'IPv4' ? bytesOfIPv4 : bytesOfIPv6;
  const [groupBytes, sourceBytes] = [bytes(group), bytes(source)];
  const join = what === 'addMembership';
  const place =
    family === 'IPv4' ? interfaceV4(fd, on) : { address: ANY, index: indexOfInterface(fd, on) };
  if (family === 'IPv4' && place.index === 0) {
    // `struct ip_mreq_source`: the only form that takes an address of the interface.
    const request = new Uint8Array([...groupBytes, ...place.address, ...sourceBytes]);
    const option = join ? IP_ADD_SOURCE_MEMBERSHIP : IP_DROP_SOURCE_MEMBERSHIP;
    check(native.setsockopt(fd, IPPROTO_IP, option, request), what);
    return;
  }
  // `struct group_source_req`: the index, and two `sockaddr_storage` of 128 bytes from byte 8.
  const request = new Uint8Array(8 + 2 * 128);
  new Uint32Array(request.buffer)[0] = place.index;
  const name = new Uint8Array(NAME_STRIDE);
  for (const [at, address] of [
    [8, group],
    [136, source],
  ] as const) {
    encodeName({ address, port: 0, family }, name, 0);
    request.set(name.subarray(4), at);
  }
  const option = join ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP;
  const level = family === 'IPv4' ? IPPROTO_IP : IPPROTO_IPV6;
  check(native.setsockopt(fd, level, option, request), what);
}
