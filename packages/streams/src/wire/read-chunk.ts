import { WouldBlock } from '@evloop/core';
import type { Stream } from '@evloop/service';

const SIZE = 0x10000;
/** Up to this many bytes are copied, so that a chunk keeps at most twice its own memory alive. */
const MOST_COPIED = SIZE / 2;

/** All sockets of the thread read into it: what was read is copied, or it is replaced. */
let scratch = Buffer.allocUnsafeSlow(SIZE);

/**
 * Reads what has arrived, at most 64 KiB, into memory of its own.
 *
 * @param allocate makes the memory of small chunks.
 * @returns an empty chunk at the end of the stream.
 */
export function readChunk(
  stream: Stream,
  allocate: (size: number) => Buffer = Buffer.allocUnsafe,
): Buffer | WouldBlock {
  const size = stream.read(scratch);
  if (size === WouldBlock) return WouldBlock;
  if (size <= MOST_COPIED) {
    const chunk = allocate(size);
    scratch.copy(chunk, 0, 0, size);
    return chunk;
  }
  const chunk = size === SIZE ? scratch : scratch.subarray(0, size);
  scratch = Buffer.allocUnsafeSlow(SIZE);
  return chunk;
}
