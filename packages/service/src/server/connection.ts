import { type Event, formatSocketAddress, Interest, WouldBlock } from '@evloop/core';
import { Attachment } from '../loop/attachment.ts';
import type { Next } from '../loop/step.ts';
import { Outbox, type Sent } from '../outbox/outbox.ts';
import type { Stream } from '../stream.ts';
import { isSystemError } from '../system-error.ts';
import { timeoutError } from '../timeout-error.ts';
import { ConnectionDeadline } from './connection-deadline.ts';
import type { Handler } from './handler.ts';
import { Refusal } from './refusal.ts';
import type { Server } from './server.ts';

/** How much of one connection is read before the others have their turn. */
const READS_PER_STEP = 4;

/** What a connection does until the server has given it a handler. */
const NO_HANDLER: Handler = { step: () => 'wait' };

/**
 * A connection that a {@link Server} has accepted. It is attached to the server's loop with
 * `READABLE`.
 *
 * `detach()` takes the stream off the loop, for a relay or another library. The server goes on
 * counting the connection until `close` is called.
 */
export class Connection extends Attachment {
  /** The stream. Close the connection, not the stream. */
  readonly stream: Stream;
  readonly #server: Server;
  /** For the server: the connections before and after this one. */
  previous: Connection | undefined = undefined;
  /** For the server: the connections before and after this one. */
  next: Connection | undefined = undefined;
  #handler: Handler = NO_HANDLER;
  #outbox: Outbox | undefined = undefined;
  #idle: ConnectionDeadline | undefined = undefined;
  #deadline: ConnectionDeadline | undefined = undefined;
  #name: string | undefined = undefined;
  #state: 'open' | 'ending' | 'closed' = 'open';

  /** Servers make connections. */
  constructor(server: Server, stream: Stream) {
    super(server.loop, stream, Interest.READABLE);
    this.#server = server;
    this.stream = stream;
  }

  /** The way out of this connection. */
  get outbox(): Outbox {
    this.#outbox ??= new Outbox(this, this.stream, this.#server.options.outbox);
    return this.#outbox;
  }

  /** The address of the client, for a log. */
  get name(): string {
    this.#name ??= peerName(this.stream);
    return this.#name;
  }

  /** Whether the connection was closed. */
  get closed(): boolean {
    return this.#state === 'closed';
  }

  /**
   * Reads what has arrived and gives it to `take`, until nothing is left, the outbox needs to
   * drain, or a bounded number of reads is done. Meant to be the whole of a handler's step.
   *
   * A client that sends without reading is not read from: its data waits in its own socket. When
   * the outbox has drained, the step is called again.
   *
   * @param buffer where it is read to. One buffer may serve all connections.
   * @param take called with the number of bytes in `buffer`.
   * @returns what a step answers; `'end'` at the end of the stream.
   * @throws what `stream.read` and `take` throw.
   */
  receive(buffer: Uint8Array, take: (size: number) => void): Next {
    for (let i = 0; i < READS_PER_STEP; i++) {
      if (this.#outbox?.needsDrain || this.#state !== 'open') return 'wait';
      const size = this.stream.read(buffer);
      if (size === WouldBlock) return 'wait';
      if (size === 0) return 'end';
      take(size);
    }
    return 'again';
  }

  /**
   * Sends through the outbox, or queues. A client that has not read what the outbox may hold is cut
   * off: the connection is closed with an error.
   *
   * @returns whether the connection is still open.
   * @throws what `stream.write` throws.
   */
  send(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset): boolean {
    return this.#check(this.outbox.send(bytes, offset, length));
  }

  /**
   * Like `send`, but the bytes leave in the connection's own step, with all others of this turn.
   */
  post(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset): boolean {
    return this.#check(this.outbox.post(bytes, offset, length));
  }

  /** Closes the connection once its outbox is empty. Its handler has no further step. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    if (this.#outbox === undefined || this.#outbox.bufferedAmount === 0) this.close();
  }

  /**
   * Sends a last message to a client that breaks the rules, ends the writing side, and closes the
   * connection once the client has ended its own: at once that would discard the message. The
   * client has 2 s and 16 MiB for that.
   *
   * @param error what `closed` of the handler gets, which has no further step.
   * @throws what `stream.write` throws.
   */
  refuse(message: Uint8Array, error: Error): void {
    if (this.#state !== 'open') return;
    this.#handler = new Refusal(this, error, this.#handler);
    this.outbox.send(message);
    this.outbox.end();
    this.wake();
  }

  /** Closes the connection now. Does nothing the second time. */
  close(error?: Error): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.stream.close();
    this.forget();
    this.#idle?.cancel();
    this.#deadline?.cancel();
    this.#outbox?.closed(error);
    this.#server.remove(this);
    this.#handler.closed?.(error);
    this.#server.options.log?.closed?.(this.name, error);
  }

  override onReady(event: Event): void {
    this.#idle?.touch(this.#server.idleMs);
    try {
      this.#work(event);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.fail(error);
    }
  }

  /** For the server: begins to serve. */
  open(handler: Handler): void {
    this.#handler = handler;
    const { loop, idleMs } = this.#server;
    const { deadline } = this.#server.options;
    if (idleMs < Infinity) {
      this.#idle = new ConnectionDeadline(loop.deadlines, this, 'the connection was idle');
      this.#idle.touch(idleMs);
    }
    if (deadline !== undefined && deadline < Infinity) {
      this.#deadline = new ConnectionDeadline(loop.deadlines, this, 'the connection took too long');
      this.#deadline.touch(deadline);
    }
  }

  /** For the server: a system error ends the connection. */
  fail(error: Error): void {
    if (this.#state === 'closed') return;
    this.#server.counters.failed++;
    this.close(error);
  }

  /** For the deadlines: closes the connection. */
  timeOut(why: string): void {
    this.#server.counters.timedOut++;
    this.close(timeoutError(why));
  }

  /** For the server: it drains. */
  drain(): void {
    this.#handler.drain?.();
    this.wake();
  }

  #work(event: Event): void {
    const flushed = this.#outbox === undefined || this.#outbox.flush(event);
    if (this.#state === 'ending') {
      if (flushed) this.close();
      return;
    }
    const next = this.#handler.step();
    if (next === 'again') this.wake();
    else if (next === 'end') this.end();
  }

  #check(sent: Sent): boolean {
    if (sent !== 'overflow') return this.#state !== 'closed';
    const { limit } = this.outbox;
    this.close(new Error(`too slow: more than ${limit} bytes wait for it`));
    return false;
  }
}

function peerName(stream: Stream): string {
  try {
    const peer = stream.peerAddr();
    return typeof peer === 'string' ? 'a Unix client' : formatSocketAddress(peer);
  } catch {
    return 'a client that has gone';
  }
}
