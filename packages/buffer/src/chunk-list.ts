import { Chunk } from './chunk.ts';

/** The size of a queue's first chunk, and the most that an empty queue keeps. */
const SMALLEST = 4096;

/**
 * The memory of a {@link ByteQueue}: a linked list of chunks, of which the last has room.
 *
 * It is a list because a ring costs more. A ring is either allocated at its full size for every
 * idle connection, or copied each time it grows. It keeps its memory after a burst. And it
 * overwrites taken bytes, so every line would need a copy. Chunks grow with the queue, so a burst
 * needs few of them, and an idle queue holds a small one or none.
 *
 * No chunk is empty, except the last.
 */
export class ChunkList {
  #head: Chunk | undefined;
  #tail: Chunk | undefined;
  #length = 0;
  readonly #smallest: number;
  readonly #largest: number;

  constructor(largest: number) {
    this.#largest = largest;
    this.#smallest = Math.min(SMALLEST, largest);
  }

  get length(): number {
    return this.#length;
  }

  /** The first chunk that holds bytes. There must be one. */
  get head(): Chunk {
    return this.#head as Chunk;
  }

  /** The memory that is held, in bytes. */
  get allocated(): number {
    let size = 0;
    for (let chunk = this.#head; chunk !== undefined; chunk = chunk.next)
      size += chunk.bytes.length;
    return size;
  }

  /**
   * Returns the chunk for the next bytes. It has room for at least `least` bytes; a new one, for up
   * to `wanted`.
   */
  tail(least: number, wanted: number): Chunk {
    const tail = this.#tail;
    if (tail !== undefined) {
      if (tail.room >= least) return tail;
      if (tail.length === 0) this.#dropFirst();
    }
    return this.#push(Math.max(least, wanted, this.#length));
  }

  /** Makes the first `size` bytes of the room of `chunk`, the last chunk, part of the queue. */
  commit(chunk: Chunk, size: number): void {
    chunk.end += size;
    this.#length += size;
  }

  /** Forgets the first `size` bytes, and frees the memory that is no longer needed. */
  consume(size: number): void {
    this.#length -= size;
    let left = size;
    while (left > 0) {
      const chunk = this.head;
      const part = Math.min(left, chunk.length);
      chunk.start += part;
      left -= part;
      if (chunk.length === 0 && (chunk !== this.#tail || chunk.room === 0)) this.#dropFirst();
    }
    const rest = this.#tail;
    if (this.#length === 0 && rest !== undefined && rest.bytes.length > this.#smallest) {
      this.#dropFirst();
    }
  }

  /**
   * Returns the first `size` bytes in one piece: a view if they lie in one chunk, otherwise a copy.
   */
  peek(size: number): Uint8Array {
    if (size === 0) return new Uint8Array(0);
    if (size <= this.head.length) return this.head.view(size);
    const copy = new Uint8Array(size);
    let filled = 0;
    for (let chunk = this.head; filled < size; chunk = chunk.next as Chunk) {
      const part = chunk.view(Math.min(chunk.length, size - filled));
      copy.set(part, filled);
      filled += part.length;
    }
    return copy;
  }

  /** Returns the byte at `index`, which must be small and below `length`. */
  at(index: number): number {
    let chunk = this.head;
    let i = index;
    for (; i >= chunk.length; chunk = chunk.next as Chunk) i -= chunk.length;
    return chunk.bytes[chunk.start + i] as number;
  }

  /**
   * Returns the index of the first `byte` at or after `from`, or -1.
   *
   * The cost is that of the bytes searched, because `from` is either 0 or lies in the last chunks.
   */
  indexOf(byte: number, from: number): number {
    let chunk = this.#head;
    let position = 0;
    if (from > 0) {
      chunk = this.#tail as Chunk;
      position = this.#length - chunk.length;
      while (position > from) {
        chunk = chunk.previous as Chunk;
        position -= chunk.length;
      }
    }
    for (; chunk !== undefined; chunk = chunk.next) {
      const found = chunk.indexOf(byte, chunk.start + Math.max(0, from - position));
      if (found !== -1) return position + found - chunk.start;
      position += chunk.length;
    }
    return -1;
  }

  /** Returns the bytes of the first `most` chunks as views. */
  views(most: number): Uint8Array[] {
    const views: Uint8Array[] = [];
    for (let chunk = this.#head; chunk !== undefined; chunk = chunk.next) {
      if (views.length === most || chunk.length === 0) break;
      views.push(chunk.view(chunk.length));
    }
    return views;
  }

  #push(wanted: number): Chunk {
    const chunk = new Chunk(Math.min(this.#largest, Math.max(this.#smallest, wanted)));
    chunk.previous = this.#tail;
    if (this.#tail === undefined) this.#head = chunk;
    else this.#tail.next = chunk;
    this.#tail = chunk;
    return chunk;
  }

  /** Forgets the first chunk: no other is ever empty but the last, which then is the first. */
  #dropFirst(): void {
    this.#head = this.head.next;
    if (this.#head === undefined) this.#tail = undefined;
    else this.#head.previous = undefined;
  }
}
