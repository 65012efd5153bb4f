import type { SocketAddress } from './address.ts';
import { formatIPv4, formatIPv6, parseIPv6, splitZone } from './ip.ts';

/**
 * The number of bytes from one name to the next in an array of names. A **name** is a socket
 * address in the kernel's form. Bytes 0 to 3 are its length, in the machine's byte order. The
 * `sockaddr_in` (ip(7)) or `sockaddr_in6` (ipv6(7)) bytes follow.
 *
 * The layout and the numbers of the families are Linux's on every platform, so a Linux kernel
 * backend passes names on unchanged. Other backends only read what they wrote.
 */
export const NAME_STRIDE = 32;

const HEADER = 4;
const AF_INET = 2;
const AF_INET6 = 10;
const SIZE_IPV4 = 16;
const SIZE_IPV6 = 28;
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Writes `address` as a name into `names` from byte `at`. Valid IPv4 addresses cost no allocation.
 *
 * @param address a checked address, as `toSocketAddress` returns it.
 * @param zoneIndex the index of the interface for a zone that is a name (`fe80::1%eth0`). Numeric
 *   zones need none.
 * @throws TypeError: `zoneIndex` does not know the zone.
 */
export function encodeName(
  address: SocketAddress,
  names: Uint8Array,
  at: number,
  zoneIndex?: (zone: string) => number | undefined,
): void {
  const v6 = address.family === 'IPv6';
  const zone = v6 ? scopeOf(address.address, zoneIndex) : 0;
  names.fill(0, at, at + NAME_STRIDE);
  writeWord(names, at, v6 ? SIZE_IPV6 : SIZE_IPV4);
  const start = at + HEADER;
  names[LITTLE_ENDIAN ? start : start + 1] = v6 ? AF_INET6 : AF_INET;
  names[start + 2] = address.port >> 8;
  names[start + 3] = address.port & 0xff;
  if (v6) {
    names.set(parseIPv6(splitZone(address.address).address) as Uint8Array, start + 8);
    writeWord(names, start + 24, zone);
  } else {
    writeIPv4(address.address, names, start + 4);
  }
}

/**
 * Returns the address in the name at byte `at` of `names`. Zones are numbers (`fe80::1%2`).
 *
 * @throws TypeError: the name holds no IP address, or is empty.
 */
export function decodeName(names: Uint8Array, at: number): SocketAddress {
  const start = at + HEADER;
  const family = (names[LITTLE_ENDIAN ? start : start + 1] as number) | 0;
  const size = readWord(names, at);
  const port = ((names[start + 2] as number) << 8) | (names[start + 3] as number);
  if (family === AF_INET && size === SIZE_IPV4) {
    return { address: formatIPv4(names.subarray(start + 4, start + 8)), port, family: 'IPv4' };
  }
  if (family === AF_INET6 && size === SIZE_IPV6) {
    const zone = readWord(names, start + 24);
    const address = formatIPv6(names.subarray(start + 8, start + 24));
    return { address: zone === 0 ? address : `${address}%${zone}`, port, family: 'IPv6' };
  }
  throw new TypeError('invalid socket name (expected an IPv4 or IPv6 address)');
}

/** Returns whether two names are equal, byte for byte: the same address, port and zone. */
export function sameName(a: Uint8Array, at: number, b: Uint8Array, from: number): boolean {
  // The bytes after a name belong to a longer name that was there before.
  const end = Math.min(HEADER + readWord(a, at), NAME_STRIDE);
  for (let i = 0; i < end; i++) {
    if (a[at + i] !== b[from + i]) return false;
  }
  return true;
}

function scopeOf(
  address: string,
  zoneIndex: ((zone: string) => number | undefined) | undefined,
): number {
  const { zone } = splitZone(address);
  if (zone === undefined) return 0;
  const index = /^\d+$/.test(zone) ? Number(zone) : zoneIndex?.(zone);
  if (index === undefined || index > 0xffffffff) {
    throw new TypeError(
      `unknown zone '${zone}': no such interface (a name or an index is expected)`,
    );
  }
  return index;
}

// Parses by characters: this runs once per datagram on backends that get text.
function writeIPv4(text: string, target: Uint8Array, at: number): void {
  let value = 0;
  let i = at;
  for (let k = 0; k < text.length; k++) {
    const code = text.charCodeAt(k);
    if (code === 46) {
      target[i++] = value;
      value = 0;
    } else {
      value = value * 10 + code - 48;
    }
  }
  target[i] = value;
}

function writeWord(target: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) target[at + (LITTLE_ENDIAN ? i : 3 - i)] = value >>> (8 * i);
}

function readWord(source: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 3; i >= 0; i--)
    value = value * 256 + (source[at + (LITTLE_ENDIAN ? i : 3 - i)] as number);
  return value;
}
