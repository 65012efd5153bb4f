import { Interest, type Source, type Token, Waker, type WakerHandle } from '@evloop/core';
import { Attachment } from './attachment.ts';
import type { Loop } from './loop.ts';

/** What an attachment has whose waker registers itself. */
const NO_SOURCE: Source = { register() {}, reregister() {}, deregister() {} };

/** A waker whose wakes call a function on a turn of its loop. `loop.addWaker` makes one. */
export class LoopWaker extends Attachment {
  readonly #onWake: () => void;
  #waker!: Waker;

  /** @param onWake called once for all wakes before a turn. */
  constructor(loop: Loop, onWake: () => void) {
    super(loop, NO_SOURCE, Interest.READABLE);
    this.#onWake = onWake;
    this.attach();
  }

  /**
   * Returns what other threads of this process need to wake the loop: `new RemoteWaker(handle)`.
   *
   * @throws as `Waker.handle`: `EVLOOP_UNSUPPORTED` where `supports.wakerHandles` is false.
   */
  handle(): WakerHandle {
    return this.#waker.handle();
  }

  /** Ends the waker and its handle. Does nothing the second time. */
  close(): void {
    this.#waker.close();
    this.forget();
  }

  override onReady(): void {
    this.#onWake();
  }

  protected override register(token: Token): void {
    this.#waker = new Waker(this.loop.poll.registry, token);
  }
}
