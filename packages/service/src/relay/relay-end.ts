import { type Event, Interest, WouldBlock } from '@evloop/core';
import { Attachment } from '../loop/attachment.ts';
import { keepsWritable, type Stream } from '../stream.ts';
import type { Flow } from './flow.ts';
import type { Relay } from './relay.ts';
import { giveBuffer, takeBuffer } from './scratch.ts';

const { READABLE, WRITABLE } = Interest;
/** The size of the buffer for bytes that are read and thrown away. */
const DISCARD_SIZE = 65536;

/** One of the two streams of a relay. */
export class RelayEnd extends Attachment {
  readonly relay: Relay;
  readonly side: 'a' | 'b';
  readonly stream: Stream;
  /** Whether the stream is connected: until then nothing is read from the other. */
  connected = false;
  /** The direction that reads from this stream. */
  outgoing!: Flow;
  /** The direction that writes to this stream. */
  incoming!: Flow;
  #discarding = false;

  constructor(relay: Relay, side: 'a' | 'b', stream: Stream) {
    super(relay.loop, stream, READABLE | WRITABLE);
    this.relay = relay;
    this.side = side;
    this.stream = stream;
  }

  /** Begins: attaches the stream, for reading alone where it is connected already. */
  begin(): void {
    this.connected = this.stream.finishConnect() !== WouldBlock;
    if (this.connected) this.setInterest(READABLE);
    this.attach();
  }

  override onReady(event: Event): void {
    if (this.#discarding) {
      this.#discard();
    } else if (this.connected) {
      if (this.incoming.blocked) this.incoming.pump();
      // The event of a wake says nothing: then there is more to read.
      const writableOnly = event.writable && !event.readable && !event.readClosed && !event.error;
      if (!writableOnly) this.outgoing.pump();
    } else if (this.#connect()) {
      this.outgoing.pump();
      // Its event has passed.
      this.incoming.pump();
    }
  }

  /** A write to the stream would block. */
  blocked(): void {
    if ((this.interest & WRITABLE) === 0) this.setInterest(READABLE | WRITABLE);
  }

  /** Everything was written to the stream. */
  unblocked(): void {
    if (!keepsWritable(this.stream)) this.setInterest(READABLE);
  }

  /** Ends the writing side. */
  shutDown(): void {
    try {
      this.stream.shutdown('write');
    } catch (error) {
      this.failed(error as Error, 'write');
    }
  }

  /** An operation on the stream has failed. */
  failed(error: Error, operation: 'read' | 'write'): void {
    this.relay.failed(this, error, operation);
  }

  /**
   * Throws away what still arrives, until the peer has read to our end: closing now would reset it.
   */
  linger(): void {
    this.#discarding = true;
    this.shutDown();
    this.wake();
  }

  /** Closes the stream. */
  close(): void {
    this.stream.close();
    this.forget();
  }

  #connect(): boolean {
    try {
      this.connected = this.stream.finishConnect() !== WouldBlock;
    } catch (error) {
      this.failed(error as Error, 'read');
    }
    return this.connected;
  }

  #discard(): void {
    const buffer = takeBuffer(DISCARD_SIZE);
    try {
      const size = this.stream.read(buffer);
      if (size === 0) this.relay.lingered();
      else if (size !== WouldBlock) this.wake();
    } catch {
      // It was reset: there is nothing left to wait for.
      this.relay.lingered();
    }
    giveBuffer(buffer);
  }
}
