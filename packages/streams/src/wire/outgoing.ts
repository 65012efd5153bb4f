import { WouldBlock } from '@evloop/core';
import type { Stream } from '@evloop/service';

/** What one `writev` of a stream is sure to look at. */
const MOST_BUFFERS = 64;
/** How much is written before the others have their turn: a fast peer could take it without end. */
const STEP_BYTES = 0x100000;

/** Buffers on their way out of a stream. The caller keeps them unchanged until `done` is called. */
export class Outgoing {
  readonly #buffers: readonly Uint8Array[];
  readonly #done: (error?: Error | null) => void;
  #index = 0;
  #offset = 0;

  /** @param done called once: when the stream has taken everything, or has failed. */
  constructor(buffers: readonly Uint8Array[], done: (error?: Error | null) => void) {
    this.#buffers = buffers;
    this.#done = done;
    this.#skipEmpty();
  }

  /** Whether the stream has taken everything. */
  get isEmpty(): boolean {
    return this.#index === this.#buffers.length;
  }

  /**
   * Writes what the stream takes.
   *
   * @returns whether the stream blocks. If it does not and something is left, go on in a later
   * step.
   * @throws what `stream.write` throws.
   */
  flushTo(stream: Stream): boolean {
    let written = 0;
    while (!this.isEmpty && written < STEP_BYTES) {
      const size = this.#writeOnce(stream);
      if (size === WouldBlock) return true;
      written += size;
      this.#advance(size);
    }
    return false;
  }

  /** Tells the writer how it has ended. */
  settle(error?: Error): void {
    this.#done(error);
  }

  #writeOnce(stream: Stream): number | WouldBlock {
    const first = this.#buffers[this.#index] as Uint8Array;
    if (this.#index === this.#buffers.length - 1) {
      return stream.write(first, this.#offset, first.length - this.#offset);
    }
    const some = this.#buffers.slice(this.#index, this.#index + MOST_BUFFERS);
    if (this.#offset > 0) some[0] = first.subarray(this.#offset);
    return stream.writev(some);
  }

  #advance(size: number): void {
    this.#offset += size;
    for (;;) {
      const length = this.#buffers[this.#index]?.length;
      if (length === undefined || this.#offset < length) return;
      this.#offset -= length;
      this.#index++;
    }
  }

  #skipEmpty(): void {
    this.#advance(0);
  }
}
