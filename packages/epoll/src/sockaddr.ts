import { endianness, networkInterfaces } from 'node:os';
import {
  formatIPv4,
  formatIPv6,
  parseIPv4,
  parseIPv6,
  type SocketAddress,
  splitZone,
} from '@evloop/core';
import { NAME_SIZE } from './binding.ts';
import { native } from './native.ts';

const { AF_INET, AF_INET6 } = native.constants;
const LITTLE = endianness() === 'LE';

// struct sockaddr_in: family, port, address, 8 bytes of padding. See ip(7).
const SOCKADDR_IN_SIZE = 16;
// struct sockaddr_in6: family, port, flow information, address, scope id. See ipv6(7).
const SOCKADDR_IN6_SIZE = 28;

/** A new name: see `binding.ts`. Its address begins at byte 4. */
export function newName(): Uint8Array {
  return new Uint8Array(NAME_SIZE);
}

/** A name for results that are looked at before the next system call. */
export const scratchName: Uint8Array = newName();

/** Writes an address into a name. @throws TypeError for a zone that is no interface of this machine. */
export function encodeName(address: SocketAddress, name: Uint8Array = newName()): Uint8Array {
  const view = new DataView(name.buffer, name.byteOffset);
  name.fill(0);
  view.setUint16(6, address.port);
  if (address.family === 'IPv4') {
    view.setUint32(0, SOCKADDR_IN_SIZE, LITTLE);
    view.setUint16(4, AF_INET, LITTLE);
    name.set(parseIPv4(address.address) as Uint8Array, 8);
  } else {
    const { address: literal, zone } = splitZone(address.address);
    view.setUint32(0, SOCKADDR_IN6_SIZE, LITTLE);
    view.setUint16(4, AF_INET6, LITTLE);
    name.set(parseIPv6(literal) as Uint8Array, 12);
    view.setUint32(28, zone === undefined ? 0 : scopeOf(zone), LITTLE);
  }
  return name;
}

/** The IP address in a name, or `undefined` when it holds none. */
export function decodeName(name: Uint8Array): SocketAddress | undefined {
  const view = new DataView(name.buffer, name.byteOffset);
  if (view.getUint32(0, LITTLE) < SOCKADDR_IN_SIZE) return undefined;
  const family = view.getUint16(4, LITTLE);
  const port = view.getUint16(6);
  if (family === AF_INET) {
    return { address: formatIPv4(name.subarray(8, 12)), port, family: 'IPv4' };
  }
  if (family !== AF_INET6) return undefined;
  const scope = view.getUint32(28, LITTLE);
  const literal = formatIPv6(name.subarray(12, 28));
  return {
    address: scope === 0 ? literal : `${literal}%${zoneOf(scope)}`,
    port,
    family: 'IPv6',
  };
}

/** The kernel's number of an address family. */
export function familyOf(address: SocketAddress): number {
  return address.family === 'IPv4' ? AF_INET : AF_INET6;
}

function scopeOf(zone: string): number {
  if (/^\d+$/.test(zone)) return Number(zone);
  for (const info of networkInterfaces()[zone] ?? []) {
    if (info.family === 'IPv6') return info.scopeid;
  }
  throw new TypeError(
    `'%${zone}' is no network interface of this machine that has an IPv6 address`,
  );
}

function zoneOf(scope: number): string {
  for (const [zone, infos] of Object.entries(networkInterfaces())) {
    if (infos?.some((info) => info.family === 'IPv6' && info.scopeid === scope)) return zone;
  }
  return String(scope);
}
