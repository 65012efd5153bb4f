/** Received bytes that wait to be read, in their original chunks. */
export class ReceiveQueue {
  // A program that drains never sees more than one chunk, so the first has a member of its own.
  #first: Uint8Array | undefined;
  readonly #others: Uint8Array[] = [];
  /** The number of bytes of the first chunk that were read. */
  #offset = 0;
  #size = 0;

  /** The number of bytes that wait. */
  get size(): number {
    return this.#size;
  }

  push(chunk: Uint8Array): void {
    if (this.#first === undefined) this.#first = chunk;
    else this.#others.push(chunk);
    this.#size += chunk.length;
  }

  clear(): void {
    this.#first = undefined;
    this.#others.length = 0;
    this.#offset = 0;
    this.#size = 0;
  }

  /** Moves up to `length` bytes into `target`, and returns how many. */
  take(target: Uint8Array, offset: number, length: number): number {
    const all = this.#size;
    // Nearly always, one whole chunk has arrived, and there is room for it.
    if (all <= length && this.#offset === 0 && this.#first?.length === all) {
      target.set(this.#first, offset);
      this.#first = undefined;
      this.#size = 0;
      return all;
    }
    let taken = 0;
    while (taken < length && this.#first !== undefined) {
      const chunk = this.#first;
      const size = Math.min(chunk.length - this.#offset, length - taken);
      target.set(part(chunk, this.#offset, size), offset + taken);
      taken += size;
      this.#offset += size;
      if (this.#offset < chunk.length) break;
      this.#offset = 0;
      this.#first = this.#others.length > 0 ? this.#others.shift() : undefined;
    }
    this.#size -= taken;
    return taken;
  }

  /** Copies up to `length` bytes into `target`, and returns how many. */
  copy(target: Uint8Array, offset: number, length: number): number {
    if (this.#first === undefined) return 0;
    let copied = 0;
    let start = this.#offset;
    for (const chunk of [this.#first, ...this.#others]) {
      const size = Math.min(chunk.length - start, length - copied);
      target.set(part(chunk, start, size), offset + copied);
      copied += size;
      start = 0;
      if (copied === length) break;
    }
    return copied;
  }
}

function part(chunk: Uint8Array, start: number, size: number): Uint8Array {
  if (size === chunk.length) return chunk;
  return new Uint8Array(chunk.buffer, chunk.byteOffset + start, size);
}
