import { ByteQueue } from '@evloop/buffer';
import { type Event, Interest, type PollSignal, WouldBlock } from '@evloop/core';
import { EvloopError } from '@evloop/core/backend';
import type { Attachment } from '../loop/attachment.ts';
import { keepsWritable, type Stream } from '../stream.ts';
import { Drained } from './drained.ts';

/** Options of {@link Outbox}, all in bytes. */
export interface OutboxOptions {
  /** From this many queued bytes on, `needsDrain` is true. Default: 65536. */
  readonly highWater?: number | undefined;
  /** Down to this many, `needsDrain` becomes false again. Default: 16384. */
  readonly lowWater?: number | undefined;
  /** The most that is ever queued. Default: 1048576. */
  readonly limit?: number | undefined;
}

/**
 * What became of the bytes.
 *
 * - `'sent'`: the stream took all of them.
 * - `'queued'`: they leave in order, as soon as the peer reads.
 * - `'overflow'`: the queue has no room for them. Close the connection: the peer is too slow, and
 *   it
 *   may have got a part of these bytes.
 */
export type Sent = 'sent' | 'queued' | 'overflow';

const { WRITABLE } = Interest;

/**
 * The way out of one stream: what the stream takes is sent at once, and the rest is queued, in
 * order and up to a limit.
 *
 * It owns no memory until something is queued. It changes the interest of its attachment only when
 * a write would block, so an answer that leaves at once causes no event.
 */
export class Outbox {
  readonly #attachment: Attachment;
  readonly #stream: Stream;
  readonly #options: OutboxOptions;
  #queue: ByteQueue | undefined;
  #blocked = false;
  #needsDrain = false;
  #state: 'open' | 'ending' | 'ended' = 'open';
  #drained: Drained | undefined;

  /**
   * @param attachment the attachment of `stream`. Call `flush` from its `onReady`.
   * @throws RangeError: the options are not 0 ≤ `lowWater` < `highWater` ≤ `limit`.
   */
  constructor(attachment: Attachment, stream: Stream, options: OutboxOptions = {}) {
    this.#attachment = attachment;
    this.#stream = stream;
    this.#options = options;
  }

  /** The most that is ever queued, in bytes. */
  get limit(): number {
    return this.#options.limit ?? 0x100000;
  }

  /** The number of bytes that are queued. */
  get bufferedAmount(): number {
    return this.#queue === undefined ? 0 : this.#queue.length;
  }

  /**
   * Whether what fills the outbox should pause: true from `highWater` queued bytes on, until only
   * `lowWater` are left.
   */
  get needsDrain(): boolean {
    const queue = this.#queue;
    if (queue === undefined) return false;
    this.#needsDrain = this.#needsDrain ? !queue.belowLowWater : queue.aboveHighWater;
    return this.#needsDrain;
  }

  /** Whether `end` was called. */
  get ended(): boolean {
    return this.#state !== 'open';
  }

  /**
   * Sends `length` bytes of `bytes` from `offset` (default: to its end), or queues what the stream
   * does not take. The bytes belong to the caller again when it returns.
   *
   * @throws what `stream.write` throws. `EVLOOP_CLOSED`: `end` was called.
   */
  send(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset): Sent {
    if (this.#state !== 'open') throw endedError();
    let sent = 0;
    if (this.#queue === undefined || this.#queue.empty) {
      while (sent < length) {
        const size = this.#stream.write(bytes, offset + sent, length - sent);
        if (size === WouldBlock) {
          this.#block();
          break;
        }
        sent += size;
      }
      if (sent === length) return 'sent';
    }
    return this.#append(bytes, offset + sent, length - sent);
  }

  /**
   * Queues bytes without trying to send them, and wakes the attachment to do so. What is queued in
   * one turn leaves in one write, and an error of the stream shows in its own step.
   *
   * @throws `EVLOOP_CLOSED`: `end` was called.
   */
  post(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset): Sent {
    if (this.#state !== 'open') throw endedError();
    if (length === 0) return 'sent';
    const sent = this.#append(bytes, offset, length);
    if (!this.#blocked) this.#attachment.wake();
    return sent;
  }

  /**
   * Shuts the writing side down once everything that is queued is sent. Does nothing the second
   * time.
   */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    if (this.bufferedAmount === 0) this.#shutDown();
  }

  /**
   * Sends what is queued, as far as the stream takes it. To be called when the attachment is ready.
   *
   * @param event the event: while the stream is blocked, only one that concerns writing is worth a
   * try.
   * @returns whether nothing is queued any more.
   * @throws what `stream.write` throws.
   */
  flush(event?: Event): boolean {
    const queue = this.#queue;
    if (queue === undefined || queue.empty) return true;
    if (this.#blocked) {
      const hopeful = event === undefined || event.writable || event.writeClosed || event.error;
      if (!hopeful) return false;
      this.#blocked = false;
    }
    if (queue.flushTo(this.#stream) === 'would-block') this.#block();
    if (this.#drained?.settle(queue.length)) this.#attachment.loop.yieldToHost();
    if (!queue.empty) return false;
    if (!keepsWritable(this.#stream)) this.#ask(this.#attachment.interest & ~WRITABLE);
    if (this.#state === 'ending') this.#shutDown();
    return true;
  }

  /**
   * Resolves when at most `threshold` bytes are queued.
   *
   * @param options `threshold`: in bytes. Default: 0.
   * @returns a promise that rejects with the reason of the signal, or with the error that closed
   * the connection.
   */
  drained(
    options: { readonly threshold?: number; readonly signal?: PollSignal } = {},
  ): Promise<void> {
    const { threshold = 0, signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.bufferedAmount <= threshold) return Promise.resolve();
    this.#drained ??= new Drained();
    return this.#drained.wait(threshold, signal);
  }

  /** For the owner of the stream: it was closed. Pending `drained` promises reject. */
  closed(error?: Error): void {
    this.#state = 'ended';
    this.#queue = undefined;
    if (this.#drained === undefined) return;
    this.#drained.fail(error ?? endedError());
    this.#drained = undefined;
    this.#attachment.loop.yieldToHost();
  }

  #append(bytes: Uint8Array, offset: number, length: number): Sent {
    this.#queue ??= new ByteQueue({
      highWater: this.#options.highWater ?? 0x10000,
      lowWater: this.#options.lowWater ?? 0x4000,
      limit: this.limit,
    });
    if (length > this.#queue.room) return 'overflow';
    this.#queue.append(bytes, offset, length);
    return 'queued';
  }

  #block(): void {
    this.#blocked = true;
    this.#ask(this.#attachment.interest | WRITABLE);
  }

  // Registering anew reports current readiness, so nothing that happens in between is missed.
  #ask(interest: Interest): void {
    const unchanged = interest === this.#attachment.interest;
    if (!unchanged && interest !== 0) this.#attachment.setInterest(interest);
  }

  #shutDown(): void {
    this.#state = 'ended';
    this.#stream.shutdown('write');
  }
}

function endedError(): EvloopError {
  return new EvloopError('EVLOOP_CLOSED', 'the outbox has ended');
}
