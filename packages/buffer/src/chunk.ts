/**
 * A block of memory that is filled once from its beginning to its end, and never again. Taken bytes
 * stay as they are, so they can be returned without a copy.
 */
export class Chunk {
  readonly bytes: Uint8Array;
  /** The index of the first byte that was not consumed yet. */
  start = 0;
  /** The index after the last byte, where the room begins. */
  end = 0;
  previous: Chunk | undefined;
  next: Chunk | undefined;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  get length(): number {
    return this.end - this.start;
  }

  get room(): number {
    return this.bytes.length - this.end;
  }

  /** Returns `length` bytes from `start`, without a copy. */
  view(length: number): Uint8Array {
    return this.bytes.subarray(this.start, this.start + length);
  }

  /** Returns the index of `byte` in `bytes` at or after `from`, or -1. */
  indexOf(byte: number, from: number): number {
    // The built-in search is fast, but has no end: without a view, it would also search the room,
    // again for each fragment. Making a view costs as much as comparing some dozen bytes.
    if (this.end - from > 64) {
      const found = this.bytes.subarray(from, this.end).indexOf(byte);
      return found === -1 ? -1 : from + found;
    }
    for (let i = from; i < this.end; i++) if (this.bytes[i] === byte) return i;
    return -1;
  }
}
