import { ByteQueue, TooLong } from '@evloop/buffer';
import { WouldBlock } from '@evloop/core';
import { Outbox } from './outbox.ts';
import type { Client, Connection } from './stream-service.ts';

/** The bounds of one client, in bytes. */
export interface Bounds {
  /** The longest line that it may send. */
  readonly maxLine: number;
  /** How much may wait for it before it is dropped. */
  readonly queue: number;
}

const NEWLINE = 0x0a;
/** So much of one client is read, and so many of its lines are passed on, before it is another's turn. */
const READ_PER_STEP = 0x10000;
const LINES_PER_STEP = 64;
/** How long, and how much, a refused client may go on sending before it is cut off. */
const REFUSED_MS = 2000;
const REFUSED_BYTES = 0x1000000;

const discarded = new Uint8Array(0x10000);

/**
 * One client of a broadcast: each line that it sends goes to all others, whole and in order. What follows its last newline
 * is no line, and goes nowhere.
 *
 * A client that reads more slowly than the others send is dropped when its queue is full. Waiting for it would make one slow
 * client everybody's.
 */
export class BroadcastConnection implements Connection {
  readonly #client: Client;
  readonly #room: Set<BroadcastConnection>;
  readonly #bounds: Bounds;
  readonly #input: ByteQueue;
  readonly #outbox: Outbox;
  #state: 'open' | 'ended' | 'refused' | 'shut' = 'open';
  #refusedBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Client, room: Set<BroadcastConnection>, bounds: Bounds) {
    this.#client = client;
    this.#room = room;
    this.#bounds = bounds;
    this.#input = new ByteQueue({ limit: bounds.maxLine + READ_PER_STEP });
    this.#outbox = new Outbox(client, { limit: bounds.queue });
    room.add(this);
  }

  step(): 'wait' | 'again' | 'end' {
    const flushed = this.#outbox.flush();
    if (this.#state === 'open') return this.#receive();
    if (this.#state === 'ended') return flushed ? 'end' : 'wait';
    if (this.#state === 'refused' && flushed) {
      this.#client.stream.shutdown('write');
      this.#state = 'shut';
    }
    return this.#discard();
  }

  ended(): void {
    clearTimeout(this.#timer);
    this.#room.delete(this);
  }

  #receive(): 'wait' | 'again' | 'end' {
    const filled = this.#input.fillFrom(this.#client.stream, READ_PER_STEP);
    for (let lines = 0; lines < LINES_PER_STEP; lines++) {
      const line = this.#input.takeUntil(NEWLINE, this.#bounds.maxLine);
      if (line === TooLong) return this.#refuse();
      if (line === undefined) {
        if (filled === 'end') return this.#leave();
        return filled === 'would-block' ? 'wait' : 'again';
      }
      for (const other of this.#room) if (other !== this) other.#deliver(line);
    }
    return 'again';
  }

  // Queued only, and sent in the other's own step: all lines of a batch then leave together, and whatever goes wrong
  // is the other's affair.
  #deliver(line: Uint8Array): void {
    if (this.#outbox.queue.append(line) === line.length) this.#client.wake();
    else this.#client.end(`too slow: more than ${this.#bounds.queue} bytes wait for it`);
  }

  #leave(): 'wait' | 'end' {
    this.#state = 'ended';
    this.#room.delete(this);
    return this.#outbox.queue.empty ? 'end' : 'wait';
  }

  /**
   * Tells the client why, and lets go of it. To close at once would reset the connection, because there is unread data, and the
   * client might never see the message. So only our side is ended, and what it still sends is discarded for a while.
   */
  #refuse(): 'again' {
    this.#state = 'refused';
    this.#room.delete(this);
    this.#input.clear();
    const message = Buffer.from(`Line too long: at most ${this.#bounds.maxLine} bytes\n`);
    this.#outbox.send(message, 0, message.length);
    this.#timer = setTimeout(() => this.#client.end(this.#tooLong()), REFUSED_MS).unref();
    return 'again';
  }

  #discard(): 'wait' | 'again' {
    const size = this.#client.stream.read(discarded);
    if (size === WouldBlock) return 'wait';
    this.#refusedBytes += size;
    if (size === 0 || this.#refusedBytes > REFUSED_BYTES) this.#client.end(this.#tooLong());
    return 'again';
  }

  #tooLong(): string {
    return `a line of more than ${this.#bounds.maxLine} bytes`;
  }
}
