import { ByteQueue, type ByteQueueOptions } from '@evloop/buffer';
import { Interest, WouldBlock } from '@evloop/core';
import type { Client } from './stream-service.ts';

/** A connection, and how it is registered. */
type Registered = Pick<Client, 'stream' | 'token' | 'registry'>;

/**
 * The way out of one connection: what the kernel takes is sent at once, and the rest is queued in order.
 *
 * The connection is registered with `WRITABLE` only while something is queued. A socket can nearly always be written to, so
 * asking for it all the time would be an event for nothing with each answer.
 */
export class Outbox {
  readonly queue: ByteQueue;
  readonly #client: Registered;
  #asking = false;

  constructor(client: Registered, options: ByteQueueOptions) {
    this.#client = client;
    this.queue = new ByteQueue(options);
  }

  /** Sends or queues the bytes, which are the caller's again. False when the queue has no room for all that is left of them. */
  send(bytes: Uint8Array, offset: number, length: number): boolean {
    let sent = 0;
    while (sent < length && this.queue.empty) {
      const size = this.#client.stream.write(bytes, offset + sent, length - sent);
      if (size === WouldBlock) break;
      sent += size;
    }
    if (sent === length) return true;
    const queued = this.queue.append(bytes, offset + sent, length - sent);
    this.#ask(true);
    return sent + queued === length;
  }

  /** Sends what is queued, as far as the kernel takes it. True when nothing is left. */
  flush(): boolean {
    if (!this.queue.empty) this.#ask(this.queue.flushTo(this.#client.stream) === 'would-block');
    return this.queue.empty;
  }

  // Reregistering reports the current readiness anew. So it does not matter whether the last write was a
  // partial one or would have blocked, and nothing that happens in between is missed.
  #ask(asking: boolean): void {
    if (asking === this.#asking) return;
    this.#asking = asking;
    const interest = asking ? Interest.READABLE | Interest.WRITABLE : Interest.READABLE;
    const { registry, stream, token } = this.#client;
    registry.reregister(stream, token, interest);
  }
}
