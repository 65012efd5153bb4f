import { type Event, Interest, isExhausted, isTransient, WouldBlock } from '@evloop/core';
import { Attachment } from '../loop/attachment.ts';
import type { Loop } from '../loop/loop.ts';
import type { Listener } from '../stream.ts';
import type { Server } from './server.ts';

/** One listener of a server. */
export class Acceptor extends Attachment {
  readonly #listener: Listener;
  readonly #server: Server;

  constructor(loop: Loop, listener: Listener, server: Server) {
    super(loop, listener, Interest.READABLE);
    this.#listener = listener;
    this.#server = server;
  }

  override onReady(_event: Event): void {
    if (this.accept(this.#server.acceptPerTurn)) this.wake();
  }

  /**
   * Accepts up to `most` connections.
   *
   * @returns whether more may wait.
   */
  accept(most: number): boolean {
    for (let i = 0; i < most; i++) {
      if (!this.attached || this.#server.full()) return false;
      try {
        const stream = this.#listener.accept();
        if (stream === WouldBlock) return false;
        this.#server.add(stream);
      } catch (error) {
        if (!isTransient(error)) throw error;
        this.#server.cannotAccept(error as Error);
        if (isExhausted(error)) {
          // It would fail again: the listener is reported ready when there are descriptors.
          this.#server.counters.exhausted++;
          return false;
        }
        this.#server.counters.aborted++;
      }
    }
    return true;
  }

  /** Stops listening. */
  close(): void {
    this.#listener.close();
    this.forget();
  }
}
