import { WouldBlock } from '@evloop/core';
import type { RelayEnd } from './relay-end.ts';
import { giveBuffer, takeBuffer } from './scratch.ts';

/**
 * How often one direction is read before the others have their turn: 256 KiB of the default size.
 */
const READS_PER_STEP = 4;

/**
 * One direction of a relay.
 *
 * It holds a buffer only between a write that has blocked and the event that follows. So an idle
 * relay has no buffer, and a slow one has one for each slow direction.
 */
export class Flow {
  /** The number of bytes that the sink has taken. */
  bytes = 0;
  /** Whether nothing more is read: the source has ended or failed. */
  ended = false;
  /** Whether it is over: all that was read is written, or no longer wanted. */
  over = false;
  readonly #from: RelayEnd;
  readonly #to: RelayEnd;
  readonly #size: number;
  #spill: Uint8Array | undefined = undefined;
  #start = 0;
  #stop = 0;

  constructor(from: RelayEnd, to: RelayEnd, size: number) {
    this.#from = from;
    this.#to = to;
    this.#size = size;
  }

  /** Whether bytes wait for the sink. */
  get blocked(): boolean {
    return this.#spill !== undefined;
  }

  /** Carries what can be carried now, in bounded time. */
  pump(): void {
    if (this.over || !this.#from.connected || !this.#to.connected) return;
    const before = this.bytes;
    this.#pump();
    if (this.bytes !== before) this.#from.relay.touch();
  }

  /** The source has failed. What was read before is still written. */
  sourceFailed(): void {
    this.ended = true;
    if (!this.blocked) this.#finish();
  }

  /** Ends this direction: the rest is not wanted. */
  stop(): void {
    this.#spill = undefined;
    this.ended = true;
    this.over = true;
  }

  #pump(): void {
    if (!this.#flush() || this.over) return;
    const buffer = takeBuffer(this.#size);
    for (let i = 0; i < READS_PER_STEP; i++) {
      const size = this.#read(buffer);
      if (size === WouldBlock || size === 0) {
        giveBuffer(buffer);
        if (size === 0) this.#end();
        return;
      }
      if (!this.#write(buffer, 0, size)) return;
    }
    giveBuffer(buffer);
    this.#from.wake();
  }

  /** Reads. A failure looks like a read that would block: the relay knows about it. */
  #read(buffer: Uint8Array): number | WouldBlock {
    try {
      return this.#from.stream.read(buffer);
    } catch (error) {
      this.#from.failed(error as Error, 'read');
      return WouldBlock;
    }
  }

  /** Writes what was read before. Returns whether the sink has taken all of it. */
  #flush(): boolean {
    const buffer = this.#spill;
    if (buffer === undefined) return true;
    this.#spill = undefined;
    if (!this.#write(buffer, this.#start, this.#stop)) return false;
    giveBuffer(buffer);
    this.#to.unblocked();
    if (this.ended) this.#finish();
    return true;
  }

  /** Writes. The buffer is kept when the sink does not take all of it. */
  #write(buffer: Uint8Array, start: number, end: number): boolean {
    let at = start;
    try {
      while (at < end) {
        const size = this.#to.stream.write(buffer, at, end - at);
        if (size === WouldBlock) {
          this.#spill = buffer;
          this.#start = at;
          this.#stop = end;
          this.#to.blocked();
          return false;
        }
        at += size;
        this.bytes += size;
      }
      return true;
    } catch (error) {
      this.#to.failed(error as Error, 'write');
      return false;
    }
  }

  #end(): void {
    this.ended = true;
    this.#from.relay.halfClosed();
    this.#finish();
  }

  #finish(): void {
    if (this.over) return;
    this.over = true;
    this.#to.shutDown();
    this.#from.relay.flowOver();
  }
}
