/** Bytes that have arrived and wait to be read, in the chunks that they came in. */
export class ReceiveQueue {
  readonly #chunks: Uint8Array[] = [];
  /** How much of the first chunk is gone. */
  #offset = 0;
  #size = 0;

  /** The number of bytes that wait. */
  get size(): number {
    return this.#size;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#offset = 0;
    this.#size = 0;
  }

  /** Moves up to `length` bytes into `target`, and returns how many. */
  take(target: Uint8Array, offset: number, length: number): number {
    const first = this.#chunks[0];
    if (first !== undefined && first.byteLength === this.#size && first.byteLength <= length) {
      // One chunk, whole: what a program that drains sees nearly always.
      target.set(first, offset);
      this.clear();
      return first.byteLength;
    }
    const taken = this.copy(target, offset, length);
    this.#drop(taken);
    return taken;
  }

  /** Copies up to `length` bytes into `target`, `skip` bytes from the front, and returns how many. */
  copy(target: Uint8Array, offset: number, length: number, skip = 0): number {
    let start = this.#offset + skip;
    let copied = 0;
    for (const chunk of this.#chunks) {
      if (copied === length) break;
      if (start >= chunk.byteLength) {
        start -= chunk.byteLength;
        continue;
      }
      const part = chunk.subarray(start, start + length - copied);
      target.set(part, offset + copied);
      copied += part.byteLength;
      start = 0;
    }
    return copied;
  }

  #drop(length: number): void {
    this.#size -= length;
    this.#offset += length;
    let gone = 0;
    for (const chunk of this.#chunks) {
      if (this.#offset < chunk.byteLength) break;
      this.#offset -= chunk.byteLength;
      gone++;
    }
    if (gone > 0) this.#chunks.splice(0, gone);
  }
}
