import { type Inspect, inspectAs, inspected } from '../diagnostics/inspection.ts';
import { closedError } from '../errors.ts';
import {
  checkHandle,
  type RemoteWake,
  type RemoteWaker as RemoteWakerContract,
  type WakerHandle,
} from './remote-wake.ts';

interface Channel {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
  close(): void;
  unref?(): void;
}

const BACKEND = 'channel';
const { BroadcastChannel } = globalThis as unknown as {
  BroadcastChannel: (new (name: string) => Channel) | undefined;
};

/**
 * The words that the threads share: whether the waker is closed, and how many messages it has
 * received. A sender sends no second message until its first one has arrived, so the queue of a
 * sleeping thread cannot grow. If a sender is terminated before it has sent, other senders are not
 * affected.
 */
const CLOSED = 0;
const HEARD = 1;
const WORDS = 2;

/**
 * Whether this host can be woken through channels. Deno cannot: its channels keep the process
 * alive. A channel made in the turn in which the last one was closed hears nothing from other
 * threads.
 */
export const hasChannels: boolean =
  BroadcastChannel !== undefined &&
  typeof SharedArrayBuffer !== 'undefined' &&
  !('Deno' in globalThis);

function open(name: string): Channel {
  const channel = new (BroadcastChannel as NonNullable<typeof BroadcastChannel>)(name);
  // A pending poll keeps its host alive. A channel never does.
  channel.unref?.();
  return channel;
}

/** Listens to other threads through the host's own loop. */
export class ChannelWake implements RemoteWake {
  readonly handle: WakerHandle;
  readonly #channel: Channel;
  readonly #words: Int32Array;

  readonly #onClose: () => void;

  constructor(wake: () => void, onClose: () => void) {
    this.#onClose = onClose;
    const state = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
    const at = `evloop-waker-${Math.random()}-${Math.random()}`;
    this.handle = { backend: BACKEND, state, at, epoch: 0 };
    this.#words = new Int32Array(state);
    this.#channel = open(at);
    this.#channel.onmessage = () => {
      Atomics.add(this.#words, HEARD, 1);
      wake();
    };
    this.#channel.unref?.();
  }

  close(): void {
    Atomics.store(this.#words, CLOSED, 1);
    this.#channel.close();
    this.#onClose();
  }
}

/** Wakes polls whose sources are in user space, from any thread of the process. */
export class RemoteWaker implements RemoteWakerContract {
  readonly #channel: Channel;
  readonly #words: Int32Array;
  /** The number of messages received when the last one was sent. */
  #sentAfter: number | undefined;
  #closed = false;

  /** @throws TypeError: `handle` is not a handle of such a poll. */
  constructor(handle: WakerHandle) {
    this.#words = checkHandle(handle, BACKEND, WORDS);
    this.#channel = open(String(handle.at));
  }

  wake(): void {
    if (this.#closed) throw closedError('this end of the waker');
    if (Atomics.load(this.#words, CLOSED) !== 0) throw closedError('the waker');
    const heard = Atomics.load(this.#words, HEARD);
    if (heard === this.#sentAfter) return;
    this.#channel.postMessage(null);
    this.#sentAfter = heard;
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    const closed = this.#closed || Atomics.load(this.#words, CLOSED) !== 0;
    return inspectAs(this, { state: closed ? 'closed' : 'open' }, options, inspect);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#channel.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
