import { WouldBlock } from '@evloop/core';
import { ChunkList } from './chunk-list.ts';
import { type LengthPrefix, readPrefix, sizeOfPrefix } from './length-prefix.ts';
import type { ByteSink, ByteSource } from './streams.ts';
import { TooLong } from './too-long.ts';

/** Options of {@link ByteQueue}, all in bytes. */
export interface ByteQueueOptions {
  /** The most that is ever queued. Default: 1 MiB. */
  readonly limit?: number | undefined;
  /**
   * The size from which {@link ByteQueue.aboveHighWater} is true: stop filling the queue. Default:
   * `limit`.
   */
  readonly highWater?: number | undefined;
  /**
   * The size down to which {@link ByteQueue.belowLowWater} is true: resume filling. Default: a
   * quarter of `highWater`.
   */
  readonly lowWater?: number | undefined;
  /** The size of the largest blocks of memory. Default: 64 KiB. */
  readonly chunkSize?: number | undefined;
}

/**
 * Why {@link ByteQueue.fillFrom} stopped.
 *
 * - `'would-block'`: the source has nothing now, and its readable edge is armed: wait for the
 *   event.
 * - `'end'`: the stream ended. The bytes before the end are in the queue.
 * - `'full'`: the queue is at its limit. **No edge is armed**: continue when there is room, without
 *   waiting for an event.
 * - `'more'`: as many bytes as requested were read. No edge is armed either: continue soon.
 */
export type Filled = 'would-block' | 'end' | 'full' | 'more';

/**
 * Why {@link ByteQueue.flushTo} stopped.
 *
 * - `'empty'`: everything was taken.
 * - `'would-block'`: the sink takes no more now. Its writable edge is armed, if it is registered
 *   with `WRITABLE`.
 */
export type Flushed = 'empty' | 'would-block';

/**
 * If the last chunk has less room than this, a read begins a new chunk: a system call for a few
 * bytes costs more. At most a quarter of any chunk. So three quarters of the memory are used, even
 * if every read returns a single byte.
 */
const LEAST_READ = 1024;
/** The number of buffers that the `writev` of every stream takes. */
const MOST_VIEWS = 64;

/**
 * A bounded first-in, first-out queue of bytes, between a program and a stream that may block.
 *
 * For output, it holds what could not be written yet. For input, it holds the received part of an
 * incomplete message. Reads go straight into its memory, and writes straight out of it. Each byte
 * costs a constant amount of work, however it arrives: a line that arrives byte by byte is searched
 * only once.
 *
 * A result of `take` or `peek` is a view without a copy if it lies in one block of memory. It stays
 * valid and unchanged, because the queue never writes to the same memory twice. It keeps its block
 * alive (at most 64 KiB), so copy small parts that you keep for long.
 *
 * An empty queue holds at most 4 KiB.
 *
 * @example
 * ```ts
 * const input = new ByteQueue({ limit: 65536 });
 * const filled = input.fillFrom(stream);
 * for (let line = input.takeLine(1024); line !== undefined; line = input.takeLine(1024)) {
 *   if (line === TooLong) return stream.close();
 *   handle(line);
 * }
 * if (filled === 'end') stream.close();
 * ```
 */
export class ByteQueue {
  readonly limit: number;
  readonly highWater: number;
  readonly lowWater: number;
  readonly #chunks: ChunkList;
  readonly #leastRead: number;
  // How many of the first bytes are known to differ from `#sought`.
  #searched = 0;
  #sought = -1;

  /**
   * @throws RangeError: the options do not satisfy 0 ≤ `lowWater` < `highWater` ≤ `limit`, all
   *   integers, or `chunkSize` is not an integer ≥ 1.
   */
  constructor(options: ByteQueueOptions = {}) {
    this.limit = options.limit ?? 0x100000;
    this.highWater = options.highWater ?? this.limit;
    this.lowWater = options.lowWater ?? Math.floor(this.highWater / 4);
    const chunkSize = options.chunkSize ?? 0x10000;
    const sizes = [0, this.lowWater, this.highWater - 1, this.limit - 1];
    if (!sizes.every(Number.isSafeInteger) || sizes.some((size, i) => size < (sizes[i - 1] ?? 0))) {
      throw new RangeError(
        `invalid lowWater, highWater, limit: ${this.lowWater}, ${this.highWater}, ${this.limit} (expected integers, 0 ≤ lowWater < highWater ≤ limit)`,
      );
    }
    if (!Number.isSafeInteger(chunkSize) || chunkSize < 1) {
      throw new RangeError(`invalid chunkSize: ${chunkSize} (expected an integer from 1)`);
    }
    this.#chunks = new ChunkList(chunkSize);
    this.#leastRead = Math.max(1, Math.min(LEAST_READ, chunkSize >> 2));
  }

  /** The number of queued bytes. */
  get length(): number {
    return this.#chunks.length;
  }

  /** What `console.log` prints: none of the bytes. */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: object, options: object) => string,
  ): string {
    const { length, limit, highWater, lowWater } = this;
    return `ByteQueue ${inspect({ length, limit, highWater, lowWater }, options)}`;
  }

  /** Whether the queue is empty. */
  get empty(): boolean {
    return this.#chunks.length === 0;
  }

  /** How many more bytes fit. */
  get room(): number {
    return this.limit - this.#chunks.length;
  }

  /** Whether `highWater` bytes or more are queued: stop filling the queue. */
  get aboveHighWater(): boolean {
    return this.#chunks.length >= this.highWater;
  }

  /** Whether `lowWater` bytes or fewer are queued: resume filling. */
  get belowLowWater(): boolean {
    return this.#chunks.length <= this.lowWater;
  }

  /** The memory that the queue holds, in bytes. */
  get allocated(): number {
    return this.#chunks.allocated;
  }

  /**
   * Queues a copy of `length` bytes of `bytes` from `offset` (default: to the end), as far as they
   * fit.
   *
   * @returns the number of bytes queued.
   * @throws RangeError: the range is not within `bytes`.
   */
  append(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset): number {
    const within = offset >= 0 && length >= 0 && offset + length <= bytes.length;
    if (!within || !Number.isInteger(offset) || !Number.isInteger(length)) {
      throw new RangeError(
        `invalid range: ${length} bytes at offset ${offset} (expected a range within ${bytes.length} bytes)`,
      );
    }
    const size = Math.min(length, this.room);
    let done = 0;
    while (done < size) {
      const chunk = this.#chunks.tail(1, size - done);
      const part = Math.min(size - done, chunk.room);
      const from = offset + done;
      chunk.bytes.set(bytes.subarray(from, from + part), chunk.end);
      this.#chunks.commit(chunk, part);
      done += part;
    }
    return size;
  }

  /**
   * Reads from `source` until it would block or ends, the queue is full, or `most` bytes were read.
   *
   * An error of `source.read` passes through. The bytes read before it are in the queue.
   */
  fillFrom(source: ByteSource, most = Number.POSITIVE_INFINITY): Filled {
    let left = most;
    while (left > 0) {
      const room = Math.min(this.room, left);
      if (room === 0) return 'full';
      const chunk = this.#chunks.tail(Math.min(room, this.#leastRead), 0);
      const size = source.read(chunk.bytes, chunk.end, Math.min(room, chunk.room));
      if (size === WouldBlock) return 'would-block';
      if (size === 0) return 'end';
      this.#chunks.commit(chunk, size);
      left -= size;
    }
    return 'more';
  }

  /**
   * Writes to `sink`, in order, until the queue is empty or the sink would block. Written bytes
   * leave the queue.
   *
   * An error of `sink.write` passes through.
   */
  flushTo(sink: ByteSink): Flushed {
    while (this.#chunks.length > 0) {
      const { head } = this.#chunks;
      const size =
        head.length === this.#chunks.length || sink.writev === undefined
          ? sink.write(head.bytes, head.start, head.length)
          : sink.writev(this.#chunks.views(MOST_VIEWS));
      if (size === WouldBlock) return 'would-block';
      this.consume(size);
    }
    return 'empty';
  }

  /**
   * Returns the first `length` bytes, or all if there are fewer. They stay queued.
   *
   * @throws RangeError: `length` is not a valid number of bytes.
   */
  peek(length: number = this.length): Uint8Array {
    const size = Math.min(length, this.length);
    if (!Number.isInteger(size) || size < 0)
      throw new RangeError(`invalid length: ${length} (expected an integer from 0)`);
    return this.#chunks.peek(size);
  }

  /** Forgets the first `length` bytes. @throws RangeError: there are fewer. */
  consume(length: number): void {
    if (!Number.isSafeInteger(length) || length < 0 || length > this.length) {
      throw new RangeError(
        `invalid length: ${length} (expected an integer from 0 to ${this.length})`,
      );
    }
    this.#chunks.consume(length);
    this.#searched = Math.max(0, this.#searched - length);
  }

  /** Takes the first `length` bytes. Returns `undefined` if there are fewer. */
  take(length: number): Uint8Array | undefined {
    if (length > this.length) return undefined;
    const bytes = this.peek(length);
    this.consume(length);
    return bytes;
  }

  /** Forgets everything. */
  clear(): void {
    this.consume(this.length);
  }

  /**
   * Takes the bytes up to and including the first `delimiter`, a byte.
   *
   * @returns `undefined`: the delimiter has not arrived yet. {@link TooLong}, taking nothing: more
   *   than `maxLength` bytes precede it, or the queue is full without it.
   */
  takeUntil(
    delimiter: number,
    maxLength = Number.POSITIVE_INFINITY,
  ): Uint8Array | undefined | TooLong {
    if (this.#sought !== delimiter) this.#searched = 0;
    this.#sought = delimiter;
    const found = this.#chunks.indexOf(delimiter, this.#searched);
    this.#searched = found === -1 ? this.length : found;
    if (this.#searched > maxLength || (found === -1 && this.room === 0)) return TooLong;
    return found === -1 ? undefined : this.take(found + 1);
  }

  /**
   * Takes a line, without the `\n` or `\r\n` that ends it. Results as in {@link
   * ByteQueue.takeUntil}.
   */
  takeLine(maxLength: number = Number.POSITIVE_INFINITY): Uint8Array | undefined | TooLong {
    const line = this.takeUntil(0x0a, maxLength);
    if (line === undefined || line === TooLong) return line;
    return line.subarray(0, line.at(-2) === 0x0d ? -2 : -1);
  }

  /**
   * Takes a frame: a length in the form of `prefix`, and as many bytes. Returns only the bytes.
   *
   * @returns `undefined`: the frame is incomplete. {@link TooLong}, taking nothing: its length is
   *   above `maxLength`, or the queue could never hold it.
   */
  takeFrame(
    prefix: LengthPrefix,
    maxLength = Number.POSITIVE_INFINITY,
  ): Uint8Array | undefined | TooLong {
    const size = sizeOfPrefix(prefix);
    if (this.length < size) return undefined;
    const length = readPrefix(prefix, this.#chunks);
    if (length > maxLength || size + length > this.limit) return TooLong;
    if (this.length < size + length) return undefined;
    this.consume(size);
    return this.take(length);
  }
}
