import type { RemoteWaker as RemoteWakerContract, WakerHandle } from '@evloop/core';
import {
  checkHandle,
  closedError,
  DescriptorRegistration,
  type Inspect,
  inspectAs,
  inspected,
  type RemoteWake,
} from '@evloop/core/backend';
import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';

const { EAGAIN, EINTR } = native.constants;
const BACKEND = 'epoll';

/**
 * A waking thread writes to an eventfd by its number. The number must mean that eventfd until the
 * write is done; otherwise the thread would write to another descriptor. Duplicates do not help:
 * the number might be stale when it is duplicated, and a terminated worker would leave its
 * duplicate open. So:
 *
 * - An eventfd whose number was given away stays open while its thread lives. A closed waker leaves
 *   it to the next one. The *epoch* distinguishes the handles of the closed waker. A write under
 *   way wakes the next waker spuriously, which is allowed.
 * - When the thread ends, the native layer marks the word `ENDED`. A writer holds the word
 *   meanwhile (`USER`), and cannot get hold of an ended one. The native layer closes the descriptor
 *   if no writer holds it; otherwise the last writer does. If a thread is terminated in between,
 *   the descriptor stays open, which is harmless.
 */
const STATE = 0;
const EPOCH = 1;
const WORDS = 2;
const ENDED = 1;
const OPEN = 2;
const USER = 4;

const ONE = new Uint8Array(BigUint64Array.of(1n).buffer);
const counter = new Uint8Array(8);

interface Eventfd {
  readonly fd: number;
  readonly words: Int32Array;
}

const unused: Eventfd[] = [];

function takeEventfd(): Eventfd {
  const left = unused.pop();
  if (left !== undefined) {
    native.read(left.fd, counter, 0, counter.length);
    return left;
  }
  const fd = check(native.eventfd(0), 'eventfd');
  const words = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));
  check(native.closeAtExit(fd, words.subarray(STATE, STATE + 1)), 'eventfd');
  return { fd, words };
}

/** The eventfd in the set of a poll. Each write is an edge, so it need not be read. */
export class WakeRegistration extends DescriptorRegistration {
  readonly #wake: () => void;

  constructor(fd: number, wake: () => void) {
    super(undefined, fd);
    this.#wake = wake;
  }

  override onReady(): void {
    this.#wake();
  }
}

/** A waker that listens to other threads. */
export class SharedWake implements RemoteWake {
  readonly handle: WakerHandle;
  readonly registration: WakeRegistration;
  readonly #eventfd: Eventfd;
  readonly #onClose: (wake: SharedWake) => void;
  #closed = false;

  constructor(wake: () => void, onClose: (wake: SharedWake) => void) {
    this.#eventfd = takeEventfd();
    this.#onClose = onClose;
    const { fd, words } = this.#eventfd;
    const state = words.buffer as SharedArrayBuffer;
    this.handle = { backend: BACKEND, state, at: fd, epoch: words[EPOCH] as number };
    this.registration = new WakeRegistration(fd, wake);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    Atomics.add(this.#eventfd.words, EPOCH, 1);
    this.#onClose(this);
    unused.push(this.#eventfd);
  }
}

/** Wakes a poll on epoll from any thread of the process, also one that blocks. */
export class RemoteWaker implements RemoteWakerContract {
  readonly #fd: number;
  readonly #words: Int32Array;
  readonly #epoch: number;
  #closed = false;

  /** @throws TypeError: `handle` is not a handle of a waker of this backend. */
  constructor(handle: WakerHandle) {
    this.#words = checkHandle(handle, BACKEND, WORDS);
    this.#fd = Number(handle.at);
    this.#epoch = handle.epoch;
  }

  wake(): void {
    if (this.#closed) throw closedError('this end of the waker');
    this.#enter();
    try {
      if (Atomics.load(this.#words, EPOCH) !== this.#epoch) throw closedError('the waker');
      this.#write();
    } finally {
      this.#leave();
    }
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    const ended = (Atomics.load(this.#words, STATE) & ENDED) !== 0;
    const closed = this.#closed || ended || Atomics.load(this.#words, EPOCH) !== this.#epoch;
    return inspectAs(this, { state: closed ? 'closed' : 'open' }, options, inspect);
  }

  close(): void {
    this.#closed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #enter(): void {
    for (;;) {
      const state = Atomics.load(this.#words, STATE);
      if ((state & ENDED) !== 0) throw closedError('the thread of the waker');
      if (Atomics.compareExchange(this.#words, STATE, state, state + USER) === state) return;
    }
  }

  #leave(): void {
    const before = Atomics.sub(this.#words, STATE, USER);
    if (before === (OPEN | ENDED | USER)) native.close(this.#fd);
  }

  #write(): void {
    for (;;) {
      const result = native.write(this.#fd, ONE, 0, ONE.length);
      if (result >= 0) return;
      // The counter is full, after 2⁶⁴ unread wakes.
      if (result === -EAGAIN) native.read(this.#fd, counter, 0, counter.length);
      else if (result !== -EINTR) check(result, 'write');
    }
  }
}
