/** Buffers of one size that are not in use, for the relays of this thread. */
const spare = new Map<number, Uint8Array[]>();
/** How many are kept: 4 MiB of the default size. */
const MOST_SPARE = 64;

/** Takes a buffer of `size` bytes, whose contents mean nothing. */
export function takeBuffer(size: number): Uint8Array {
  return spare.get(size)?.pop() ?? new Uint8Array(size);
}

/** Gives a buffer back. */
export function giveBuffer(buffer: Uint8Array): void {
  let list = spare.get(buffer.length);
  if (list === undefined) {
    list = [];
    spare.set(buffer.length, list);
  }
  if (list.length < MOST_SPARE) list.push(buffer);
}
