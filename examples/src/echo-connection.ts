import { WouldBlock } from '@evloop/core';
import { Outbox } from './outbox.ts';
import type { Client, Connection } from './stream-service.ts';

const GREETING = new TextEncoder().encode('Hello world!\n');

/** One buffer serves all connections: what was read into it is sent or queued before the next read. */
const buffer = new Uint8Array(0x10000);

/** So much of one client is read before it is another's turn. */
const READS_PER_STEP = 4;

/** What a client has sent and does not read back is queued up to `highWater`, and one read more. */
const QUEUE = { limit: 0x50000, highWater: 0x40000, lowWater: 0x10000 };

/**
 * Greets a client and then sends back what it sends, until it ends its side and has got everything.
 *
 * Nothing is allocated for a message: it is read into the shared buffer and written from there, and only what the client does
 * not take at once is copied to a queue.
 */
export class EchoConnection implements Connection {
  readonly #client: Client;
  readonly #outbox: Outbox;
  #greeted = false;
  #paused = false;
  #ended = false;

  constructor(client: Client) {
    this.#client = client;
    this.#outbox = new Outbox(client, QUEUE);
  }

  step(): 'wait' | 'again' | 'end' {
    if (!this.#greeted) this.#greet();
    const flushed = this.#outbox.flush();
    if (!this.#ended && this.#mayRead() && this.#echo() === 'again') return 'again';
    // A client that has ended its side may well be reading still: it gets all that it is owed.
    if (this.#ended) return flushed && this.#outbox.queue.empty ? 'end' : 'wait';
    return 'wait';
  }

  #greet(): void {
    this.#greeted = true;
    this.#outbox.send(GREETING, 0, GREETING.length);
  }

  /**
   * Whether there is room. A client that sends without reading is not read from, so that its data waits in its own socket, and not
   * in our memory. Its readable edge is not armed meanwhile, since no read has said WouldBlock: so when the queue has
   * drained, reading goes on in the same step, and does not wait for an event.
   */
  #mayRead(): boolean {
    const { queue } = this.#outbox;
    this.#paused = this.#paused ? !queue.belowLowWater : queue.aboveHighWater;
    return !this.#paused;
  }

  #echo(): 'wait' | 'again' {
    for (let i = 0; i < READS_PER_STEP && this.#mayRead(); i++) {
      const size = this.#client.stream.read(buffer);
      if (size === WouldBlock) return 'wait';
      if (size === 0) {
        this.#ended = true;
        return 'wait';
      }
      this.#outbox.send(buffer, 0, size);
    }
    return this.#paused ? 'wait' : 'again';
  }
}
