/**
 * Returns the 4 bytes of a dotted-decimal IPv4 address; `undefined` if `text` is invalid. As strict
 * as inet_pton(3): four decimal parts, none above 255, none with a leading zero.
 */
export function parseIPv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return bytes;
}

/**
 * Returns the 16 bytes of an IPv6 address in any text form of RFC 4291; `undefined` if `text` is
 * invalid. A zone (`%eth0`) is not part of it: see {@link splitZone}.
 */
export function parseIPv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

// Groups of 16 bits, the last two of which may be written as an IPv4 address.
function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const embedded = last && i === groups.length - 1 ? parseIPv4(group) : undefined;
    if (embedded === undefined) return undefined;
    bytes.push(...embedded);
  }
  return bytes;
}

/** Splits `fe80::1%eth0` into the address and the zone, which is `undefined` if there is none. */
export function splitZone(text: string): { address: string; zone: string | undefined } {
  const at = text.indexOf('%');
  if (at < 0) return { address: text, zone: undefined };
  return { address: text.slice(0, at), zone: text.slice(at + 1) };
}

/** Returns the dotted-decimal text of 4 bytes. */
export function formatIPv4(bytes: Uint8Array): string {
  return bytes.join('.');
}

/**
 * Returns the text of 16 bytes in the canonical form of RFC 5952, as Node prints it: lower case,
 * the longest run of zero groups shortened (the first of equal ones), IPv4-mapped addresses with a
 * dotted end.
 */
export function formatIPv6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) {
    groups.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
  }
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatIPv4(bytes.subarray(12))}`;
  }
  const { start, length } = longestZeroRun(groups);
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
