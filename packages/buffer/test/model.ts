import { WouldBlock } from '@evloop/core';
import type { ByteSink, ByteSource } from '../src/streams.ts';

/** Yields scripted reads: pieces of bytes, `WouldBlock`, and the end when the script is over. */
export class ScriptedSource implements ByteSource {
  readonly #script: (Uint8Array | WouldBlock)[];
  reads = 0;

  constructor(script: readonly (Uint8Array | WouldBlock)[]) {
    this.#script = [...script];
  }

  read(buffer: Uint8Array, offset: number, length: number): number | WouldBlock {
    this.reads++;
    const piece = this.#script.shift();
    if (piece === undefined) return 0;
    if (piece === WouldBlock) return WouldBlock;
    const size = Math.min(piece.length, length);
    buffer.set(piece.subarray(0, size), offset);
    if (size < piece.length) this.#script.unshift(piece.subarray(size));
    return size;
  }
}

/**
 * Takes as many bytes as its script says, one number a call; 0 is `WouldBlock`, and so is the end
 * of the script.
 */
export class ScriptedSink implements ByteSink {
  readonly taken: number[] = [];
  readonly #script: number[];
  writes = 0;

  constructor(script: readonly number[]) {
    this.#script = [...script];
  }

  write(buffer: Uint8Array, offset: number, length: number): number | WouldBlock {
    return this.#take([buffer.subarray(offset, offset + length)]);
  }

  #take(buffers: readonly Uint8Array[]): number | WouldBlock {
    this.writes++;
    const most = this.#script.shift() ?? 0;
    if (most === 0) return WouldBlock;
    const bytes = buffers.flatMap((buffer) => [...buffer]).slice(0, most);
    this.taken.push(...bytes);
    return bytes.length;
  }

  /** The same sink with `writev`. */
  static vectored(script: readonly number[]): ScriptedSink & { vectors: number } {
    const sink = new ScriptedSink(script);
    return Object.assign(sink, {
      vectors: 0,
      writev(this: ScriptedSink & { vectors: number }, buffers: readonly Uint8Array[]) {
        this.vectors++;
        return sink.#take(buffers);
      },
    });
  }
}

/** A source that always has `byte` for whoever asks. */
export const endless = (byte = 0x61): ByteSource => ({
  read(buffer, offset, length) {
    buffer.fill(byte, offset, offset + length);
    return length;
  },
});

/** Bytes that differ from their neighbours, so that a gap or a swap shows. */
export function pattern(size: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) & 0xff);
}
