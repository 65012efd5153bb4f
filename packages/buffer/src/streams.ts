import type { WouldBlock } from '@evloop/core';

/** A source that fills a queue: a stream of any backend, or any object that reads like one. */
export interface ByteSource {
  /**
   * Reads up to `length` bytes into `buffer` from `offset`. 0 is the end of the stream.
   * `WouldBlock`: nothing has arrived.
   */
  read(buffer: Uint8Array, offset: number, length: number): number | WouldBlock;
}

/**
 * A sink that a queue is flushed to: a stream of any backend, or any object that writes like one.
 */
export interface ByteSink {
  /** Takes up to `length` bytes of `buffer` from `offset`, at least 1. `WouldBlock`: none. */
  write(buffer: Uint8Array, offset: number, length: number): number | WouldBlock;
  /** Like `write`, taking several buffers one after the other. */
  writev?(buffers: readonly Uint8Array[]): number | WouldBlock;
}
