import { type Event, Interest, WouldBlock } from '@evloop/core';
import { Attachment, type Loop, type Stream } from '@evloop/service';
import { Outgoing } from './outgoing.ts';
import { readChunk } from './read-chunk.ts';

const { READABLE, WRITABLE } = Interest;
/** How much is read before the others have their turn. */
const STEP_BYTES = 0x40000;

/**
 * A stream that works for a library which is pushed to: it reads while it is asked to, and writes
 * one batch of buffers at a time. Both bridges, to Node's streams and to the Web's, stand on it.
 */
export abstract class Wire extends Attachment {
  /** The stream. It belongs to the wire. */
  readonly stream: Stream;
  /** Whether the stream is a TCP one. */
  readonly isTcp: boolean;
  readonly #allocate: (size: number) => Buffer;
  #state: 'connecting' | 'open' | 'closed' = 'open';
  /** Whether the owner takes bytes. */
  #isWanted = false;
  /** Whether there may be something to read: the last read did not block. */
  #isReadable = false;
  #hasEnded = false;
  #isReading = false;
  #left = STEP_BYTES;
  #outgoing: Outgoing | undefined = undefined;
  #isBlocked = false;
  #shutDone: ((error?: Error | null) => void) | undefined = undefined;

  /** @param allocate makes the memory of small chunks. */
  constructor(loop: Loop, stream: Stream, allocate: (size: number) => Buffer = Buffer.allocUnsafe) {
    super(loop, stream, READABLE);
    this.stream = stream;
    this.#allocate = allocate;
    this.isTcp = 'setNodelay' in stream;
  }

  /** Whether the connection is being made. */
  get connecting(): boolean {
    return this.#state === 'connecting';
  }

  /**
   * Begins to work.
   *
   * @throws what `Registry.register` throws, and then the stream is still the caller's; the error
   * of a connection attempt that has failed.
   */
  begin(): void {
    if (this.stream.finishConnect() === WouldBlock) {
      this.#state = 'connecting';
      this.setInterest(READABLE | WRITABLE);
    }
    this.attach();
  }

  /** Asks for bytes: `received` is called until it answers false. */
  pull(): void {
    this.#isWanted = true;
    if (this.#isReadable && !this.#isReading) this.#read();
  }

  /** Writes all of `buffers`, which stay unchanged until `done` is called. One call at a time. */
  write(buffers: readonly Uint8Array[], done: (error?: Error | null) => void): void {
    this.#outgoing = new Outgoing(buffers, done);
    if (this.#state === 'open') this.#flush();
  }

  /** Shuts the writing side down. To be called when no write is under way. */
  shutDown(done: (error?: Error | null) => void): void {
    if (this.#state === 'connecting') {
      this.#shutDone = done;
      return;
    }
    try {
      this.stream.shutdown('write');
    } catch (error) {
      // The peer has reset the connection. Reading tells so.
      done((error as { code?: unknown }).code === 'ENOTCONN' ? null : (error as Error));
      return;
    }
    done();
  }

  /** Closes the stream. @returns the write that was under way. */
  close(): Outgoing | undefined {
    this.#state = 'closed';
    this.stream.close();
    this.forget();
    const outgoing = this.#outgoing;
    this.#outgoing = undefined;
    return outgoing;
  }

  override onReady(event: Event): void {
    this.#left = STEP_BYTES;
    if (this.#state === 'connecting' && !this.#finishConnect()) return;
    if (event.readable || event.readClosed || event.error) this.#isReadable = true;
    if (event.writable || event.writeClosed || event.error) this.#isBlocked = false;
    if (this.#outgoing !== undefined && !this.#isBlocked) this.#flush();
    if (this.#isWanted && this.#isReadable) this.#read();
  }

  /** The connection was made. */
  protected abstract connected(): void;
  /** Bytes have arrived. @returns whether more are welcome. */
  protected abstract received(chunk: Buffer): boolean;
  /** The peer has ended its side. */
  protected abstract ended(): void;
  /** The connection has failed. */
  protected abstract failed(error: Error): void;
  /** Something was sent. */
  protected abstract sent(): void;
  /** Whether the connection is there now. */
  #finishConnect(): boolean {
    try {
      if (this.stream.finishConnect() === WouldBlock) return false;
    } catch (error) {
      this.failed(error as Error);
      return false;
    }
    this.#state = 'open';
    if (!this.isTcp) this.setInterest(READABLE);
    this.connected();
    const done = this.#shutDone;
    if (done !== undefined && this.#isOpen()) this.shutDown(done);
    return this.#isOpen();
  }

  #isOpen(): boolean {
    return this.#state === 'open';
  }

  #read(): void {
    this.#isReading = true;
    try {
      while (this.#isWanted && this.#state === 'open' && !this.#hasEnded) {
        if (this.#left <= 0) {
          this.wake();
          return;
        }
        const chunk = this.#readOnce();
        if (chunk === undefined) return;
        this.#left -= chunk.length;
        if (chunk.length > 0) {
          this.#isWanted = this.received(chunk);
        } else {
          this.#hasEnded = true;
          this.ended();
        }
      }
    } finally {
      this.#isReading = false;
    }
  }

  // What a listener of the program throws is not an error of the connection, so only reading is
  // tried.
  #readOnce(): Buffer | undefined {
    try {
      const chunk = readChunk(this.stream, this.#allocate);
      if (chunk !== WouldBlock) return chunk;
      this.#isReadable = false;
    } catch (error) {
      this.failed(error as Error);
    }
    return undefined;
  }

  #flush(): void {
    const outgoing = this.#outgoing as Outgoing;
    try {
      if (outgoing.flushTo(this.stream)) this.#block();
    } catch (error) {
      this.#outgoing = undefined;
      outgoing.settle(error as Error);
      return;
    }
    this.sent();
    if (outgoing.isEmpty) {
      this.#outgoing = undefined;
      if (!this.isTcp && this.interest !== READABLE) this.setInterest(READABLE);
      outgoing.settle();
    } else if (!this.#isBlocked) {
      this.wake();
    }
  }

  // On TCP an edge comes only after a write that blocked, so WRITABLE stays. On a Unix stream each
  // read of the peer is an edge.
  #block(): void {
    this.#isBlocked = true;
    if (this.interest === READABLE) this.setInterest(READABLE | WRITABLE);
  }
}
