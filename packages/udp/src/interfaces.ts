import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { SocketAddress } from '@evloop/core';
import { decodeName, encodeName, NAME_STRIDE, systemError } from '@evloop/core/backend';

/**
 * The tables of proc(5) that list interfaces with their indexes, and how to read them. They are
 * those of this process's network namespace, while `/sys` shows the namespace of its mount. An
 * interface without IPv4, IPv6 and multicast is in none of them; UDP cannot use it.
 */
const TABLES: readonly (readonly [file: string, row: RegExp, radix: number])[] = [
  ['igmp', /^(?<index>\d+)\s+(?<name>\S+)\s*:/gm, 10],
  ['if_inet6', /^\S+ (?<index>[0-9a-f]+) \S+ \S+ \S+\s+(?<name>\S+)$/gm, 16],
  ['dev_mcast', /^(?<index>\d+)\s+(?<name>\S+)/gm, 10],
];

/**
 * Yields the names and indexes of the interfaces. On other systems than Linux, Node knows only
 * those with a link-local address.
 */
function* interfaces(): Generator<[name: string, index: number]> {
  for (const [file, row, radix] of process.platform === 'linux' ? TABLES : []) {
    for (const { groups } of contentOf(file).matchAll(row)) {
      yield [groups?.['name'] as string, Number.parseInt(groups?.['index'] as string, radix)];
    }
  }
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const index = addresses?.find((address) => address.family === 'IPv6' && address.scopeid > 0);
    if (index?.family === 'IPv6') yield [name, index.scopeid];
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(`/proc/self/net/${file}`, 'latin1');
  } catch {
    return ''; // Without IPv6 there is no table of it.
  }
}

/** Returns the first IPv4 address of an interface, given by its name or index. */
export function addressOf(id: number | string): string | undefined {
  const name = zoneName(id);
  const addresses = name === undefined ? [] : (networkInterfaces()[name] ?? []);
  return addresses.find(({ family }) => family === 'IPv4')?.address;
}

function zoneName(id: number | string): string | undefined {
  for (const [name, index] of interfaces()) if (name === id || index === id) return name;
  return undefined;
}

/** Returns the index of the interface with this name. */
export function interfaceIndex(name: string): number | undefined {
  for (const [found, index] of interfaces()) if (found === name && index > 0) return index;
  return undefined;
}

/**
 * Returns the zone that libuv takes for an interface with this index or name: its name, on Windows
 * its index. `undefined` if there is no such interface: libuv would silently use another one.
 */
export function zoneOf(id: number | string): string | undefined {
  const wanted = typeof id === 'number' || /^\d+$/.test(id) ? Number(id) : id;
  if (process.platform === 'win32' && typeof wanted === 'number') return String(wanted);
  for (const [name, index] of interfaces()) {
    if (index > 0 && (name === wanted || index === wanted)) {
      return process.platform === 'win32' ? String(index) : name;
    }
  }
  return undefined;
}

const name = new Uint8Array(NAME_STRIDE);

/**
 * Returns the address in the form of results: IPv6 as in RFC 5952, and zones as numbers.
 *
 * @throws TypeError: no interface has the name of the zone.
 */
export function canonical(address: SocketAddress): SocketAddress {
  encodeName(address, name, 0, interfaceIndex);
  return decodeName(name, 0);
}

/**
 * Checks the zone of an address. libuv would drop an unknown one, and the system use another
 * interface.
 *
 * @throws TypeError, or the system's error: there is no such interface.
 */
export function checkZone(address: SocketAddress, syscall: string): void {
  if (!address.address.includes('%')) return;
  const zone = canonical(address).address.split('%')[1];
  if (zone !== undefined && zoneOf(zone) !== undefined) return;
  throw systemError(syscall === 'bind' ? 'ENODEV' : 'ENETUNREACH', syscall, address);
}

/**
 * Returns the text of an IP address as libuv takes it, with zones by name (on Windows by number).
 */
export function literal(address: string): string {
  if (!address.includes('%')) return address;
  const match = /^(.*)%(\d+)$/.exec(address);
  return match === null ? address : `${match[1]}%${zoneOf(match[2] as string) ?? match[2]}`;
}
