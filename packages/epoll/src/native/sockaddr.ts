import { endianness } from 'node:os';
import type { SocketAddress } from '@evloop/core';
import { checkUnixAddress, decodeName, encodeName } from '@evloop/core/backend';
import { NAME_SIZE } from './binding.ts';
import { check } from './errno-error.ts';
import { native } from './native.ts';

const { AF_INET, AF_INET6, AF_UNIX, ENODEV } = native.constants;
const LITTLE = endianness() === 'LE';

/** A new name: see `binding.ts`. Its address begins at byte 4. */
export function newName(): Uint8Array {
  return new Uint8Array(NAME_SIZE);
}

/** A name for results that are read before the next system call. */
export const scratchName: Uint8Array = newName();

/**
 * Writes an IP address into a name.
 *
 * @param fd the socket in whose network namespace the name of a zone is looked up; -1: in that of
 *   this thread.
 * @throws TypeError: the zone is not an interface of that namespace.
 */
export function encodeIpName(
  address: SocketAddress,
  name: Uint8Array = newName(),
  fd = -1,
): Uint8Array {
  zoneSocket = fd;
  encodeName(address, name, 0, zoneIndex);
  return name;
}

let zoneSocket = -1;
const zoneIndex = (name: string): number | undefined => interfaceIndex(name, zoneSocket);

/** Returns the IP address in a name. */
export function decodeIpName(name: Uint8Array): SocketAddress {
  return decodeName(name, 0);
}

/**
 * Returns the index of a network interface by its name; `undefined` when there is none.
 *
 * @param fd as of {@link encodeIpName}.
 */
export function interfaceIndex(name: string, fd: number): number | undefined {
  if (name.includes('\0')) return undefined;
  const result = native.ifNametoindex(fd, new TextEncoder().encode(name));
  if (result !== -ENODEV) return check(result, 'if_nametoindex');
  return undefined;
}

/**
 * Writes a Unix address into a name: a path, or an abstract name that begins with NUL. See unix(7).
 *
 * @throws TypeError: `path` is not a string, is empty, or has a NUL inside. RangeError: it is too
 *   long.
 */
export function encodeUnixName(path: string, name: Uint8Array = newName()): Uint8Array {
  checkUnixAddress(path);
  const bytes = new TextEncoder().encode(path);
  name.fill(0);
  const view = new DataView(name.buffer, name.byteOffset);
  // A path ends with a NUL, an abstract name with its length.
  view.setUint32(0, 2 + bytes.length + (path.startsWith('\0') ? 0 : 1), LITTLE);
  view.setUint16(4, AF_UNIX, LITTLE);
  name.set(bytes, 6);
  return name;
}

/** Returns the Unix address in a name; `''` if it holds none. */
export function decodeUnixName(name: Uint8Array): string {
  const view = new DataView(name.buffer, name.byteOffset);
  const bytes = name.subarray(6, 4 + Math.max(2, view.getUint32(0, LITTLE)));
  const end = bytes[0] === 0 ? -1 : bytes.indexOf(0);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    end < 0 ? bytes : bytes.subarray(0, end),
  );
}

/** Returns the kernel's number of an address family. */
export function familyOf(address: SocketAddress): number {
  return address.family === 'IPv4' ? AF_INET : AF_INET6;
}
