/**
 * Buffers for programs that do their own non-blocking I/O.
 *
 * @packageDocumentation
 */
export { ByteQueue } from './byte-queue.ts';
export type { ByteQueueOptions, Filled, Flushed } from './byte-queue.ts';
export { TooLong } from './too-long.ts';
export type { LengthPrefix } from './length-prefix.ts';
export type { ByteSink, ByteSource } from './streams.ts';
