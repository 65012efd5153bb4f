/**
 * The form of the length in front of a frame: unsigned, 1, 2 or 4 bytes, big-endian (network order)
 * or little-endian.
 */
export type LengthPrefix = 'u8' | 'u16be' | 'u16le' | 'u32be' | 'u32le';

const SIZES: Readonly<Record<LengthPrefix, number>> = {
  u8: 1,
  u16be: 2,
  u16le: 2,
  u32be: 4,
  u32le: 4,
};

/** Returns the number of bytes of the length. @throws RangeError: the prefix is unknown. */
export function sizeOfPrefix(prefix: LengthPrefix): number {
  const size = SIZES[prefix];
  if (size === undefined) throw new RangeError(`a length is ${Object.keys(SIZES).join(', ')}`);
  return size;
}

/** Reads the length from the first bytes. */
export function readPrefix(prefix: LengthPrefix, bytes: { at(index: number): number }): number {
  const size = SIZES[prefix];
  const little = prefix.endsWith('le');
  let length = 0;
  for (let i = 0; i < size; i++) length = length * 256 + bytes.at(little ? size - 1 - i : i);
  return length;
}
