/** Bytes of one direction, numbered by offset, from the first that is still needed. */
export class ByteStream {
  /** The offset of the first byte. */
  start: number;
  /** The offset behind the last byte. */
  end: number;
  readonly #chunks: Uint8Array[] = [];
  #head = 0;

  constructor(start: number) {
    this.start = start;
    this.end = start;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Appends bytes. They are not copied. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.end += bytes.length;
  }

  /** Forgets the bytes before `offset`. */
  dropUntil(offset: number): void {
    let excess = Math.min(offset, this.end) - this.start;
    while (excess > 0) {
      const first = this.#chunks[this.#head] as Uint8Array;
      if (excess < first.length) {
        this.#chunks[this.#head] = first.subarray(excess);
        this.start += excess;
        return;
      }
      this.#head++;
      this.start += first.length;
      excess -= first.length;
    }
    if (this.#head > 32 && this.#head * 2 > this.#chunks.length) {
      this.#chunks.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** Returns `size` bytes from `offset`; not copied where they lie together. */
  slice(offset: number, size: number): Uint8Array {
    let skip = offset - this.start;
    for (let i = this.#head; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i] as Uint8Array;
      if (skip < chunk.length) {
        if (skip + size <= chunk.length) return chunk.subarray(skip, skip + size);
        const joined = new Uint8Array(size);
        this.#copy(i, skip, joined);
        return joined;
      }
      skip -= chunk.length;
    }
    return new Uint8Array(0);
  }

  /** Copies the first bytes into `into`, and returns how many. */
  copyTo(into: Uint8Array): number {
    const size = Math.min(into.length, this.length);
    if (size > 0) this.#copy(this.#head, 0, into.subarray(0, size));
    return size;
  }

  #copy(index: number, from: number, into: Uint8Array): void {
    let skip = from;
    let done = 0;
    for (let i = index; done < into.length; i++) {
      const chunk = this.#chunks[i] as Uint8Array;
      const part = chunk.subarray(skip, skip + into.length - done);
      into.set(part, done);
      done += part.length;
      skip = 0;
    }
  }
}
