import type { WouldBlock } from '@evloop/core';

/**
 * What a queue can be filled from: every stream of every backend, and anything else that reads like
 * one.
 */
export interface ByteSource {
  /**
   * Reads up to `length` bytes into `buffer` from `offset`. 0 is the end; `WouldBlock`: nothing has
   * arrived.
   */
  read(buffer: Uint8Array, offset: number, length: number): number | WouldBlock;
}

/**
 * What a queue can be flushed to: every stream of every backend, and anything else that writes like
 * one.
 */
export interface ByteSink {
  /** Takes up to `length` bytes of `buffer` from `offset`, at least 1. `WouldBlock`: none. */
  write(buffer: Uint8Array, offset: number, length: number): number | WouldBlock;
  /** Like `write`, taking several buffers one after the other. */
  writev?(buffers: readonly Uint8Array[]): number | WouldBlock;
}
