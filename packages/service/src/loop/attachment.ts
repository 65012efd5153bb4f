import { type Event, type Interest, isEvloopError, type Source, type Token } from '@evloop/core';
import type { Loop } from './loop.ts';
import type { ReadyBits } from './ready-bits.ts';
import type { Runnable } from './run-queue.ts';

/**
 * A source on a {@link Loop}: its token, its interest, and what happens when it is ready.
 *
 * `loop.attach(source, interest, onReady)` makes one. A program with many sources may extend this
 * class instead, which saves a closure for each: override `onReady` and call `attach`.
 */
export abstract class Attachment implements Runnable {
  /** The loop that the source is attached to, or can be. */
  readonly loop: Loop;
  /** The source that is attached. */
  readonly source: Source;
  /** For the loop: whether this attachment waits in its queue. */
  queued = false;
  /** For the loop: the readiness of an event that is handled later. */
  pending: ReadyBits = 0;
  #token: Token | -1 = -1;
  #interest: Interest;

  /** @param interest what `attach` registers the source with. */
  constructor(loop: Loop, source: Source, interest: Interest) {
    this.loop = loop;
    this.source = source;
    this.#interest = interest;
  }

  /** Whether the source is attached. */
  get attached(): boolean {
    return this.#token !== -1;
  }

  /** The interest given last. */
  get interest(): Interest {
    return this.#interest;
  }

  /**
   * Registers the source with the loop's poll. Does nothing while it is attached.
   *
   * @throws what `Registry.register` throws; nothing has changed then.
   */
  attach(): void {
    if (this.#token !== -1) return;
    const token = this.loop.reserve(this);
    try {
      this.register(token);
    } catch (error) {
      this.loop.release(token);
      throw error;
    }
    this.#token = token;
  }

  /**
   * Replaces the interest. Current readiness is reported anew. Before `attach` it only stores the
   * interest.
   *
   * @throws what `Registry.reregister` throws.
   */
  setInterest(interest: Interest): void {
    if (this.#token !== -1) {
      this.loop.poll.registry.reregister(this.source, this.#token, interest);
    }
    this.#interest = interest;
  }

  /**
   * Calls `onReady` soon, although nothing has happened to the source. All properties of that event
   * are false.
   */
  wake(): void {
    if (this.#token !== -1) this.loop.enqueue(this);
  }

  /** Deregisters the source, which stays open. Does nothing when it is not attached, or closed. */
  detach(): void {
    if (this.#token === -1) return;
    const { registry } = this.loop.poll;
    this.forget();
    if (registry.closed) return;
    try {
      registry.deregister(this.source);
    } catch (error) {
      // A source that the program has closed is no longer registered.
      if (!isEvloopError(error)) throw error;
    }
  }

  /**
   * Gives the token back when the source was closed, and so deregistered. Cheaper than `detach`.
   */
  forget(): void {
    const token = this.#token;
    if (token === -1) return;
    this.#token = -1;
    this.pending = 0;
    this.loop.release(token);
  }

  /** For the loop: handles what is pending. */
  run(): void {
    if (this.#token !== -1) this.onReady(this.loop.pendingEvent(this, this.#token));
  }

  /** Registers the source under `token`. */
  protected register(token: Token): void {
    this.loop.poll.registry.register(this.source, token, this.#interest);
  }

  /** Does what the source is ready for, in bounded time. */
  abstract onReady(event: Event): void;
}

/** An attachment whose source calls a function. */
export class CallbackAttachment extends Attachment {
  readonly #onReady: (event: Event) => void;

  /** @param onReady called when `source` is ready. */
  constructor(loop: Loop, source: Source, interest: Interest, onReady: (event: Event) => void) {
    super(loop, source, interest);
    this.#onReady = onReady;
  }

  onReady(event: Event): void {
    this.#onReady(event);
  }
}
