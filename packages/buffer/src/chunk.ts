/**
 * A block of memory that is filled once from its beginning to its end, and never again: what was
 * taken from it stays as it is, so that it can be handed out without a copy.
 */
export class Chunk {
  readonly bytes: Uint8Array;
  /** Where the bytes begin that were not consumed yet. */
  start = 0;
  /** Where they end, and the room begins. */
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

  /** The bytes from `start`, `length` of them, without a copy. */
  view(length: number): Uint8Array {
    return this.bytes.subarray(this.start, this.start + length);
  }

  /** Where `byte` stands in `bytes` from `from` on, or -1. */
  indexOf(byte: number, from: number): number {
    // The built-in search is fast, but knows no end: without a view it would search the room as
    // well, again for each fragment. Making a view costs as much as comparing some dozen bytes.
    if (this.end - from > 64) {
      const found = this.bytes.subarray(from, this.end).indexOf(byte);
      return found === -1 ? -1 : from + found;
    }
    for (let i = from; i < this.end; i++) if (this.bytes[i] === byte) return i;
    return -1;
  }
}
