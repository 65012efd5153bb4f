import type { CorkCounts, Registrar } from '@evloop/core';
import { type DescriptorRegistration, descriptors } from '@evloop/core/backend';
import { CORK_ENTRIES, CORK_WORDS, type Handle } from '../native/cork-binding.ts';
import { check } from '../native/errno-error.ts';
import { awaitCorked, awaitEvents, copyToCork } from '../native/message-calls.ts';
import { native } from '../native/native.ts';
import { ioUring } from './io-uring.ts';

const DATA_BYTES = 0x40000;
const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;
const FIRST = CORK_WORDS.header;
const DATA_AT = (FIRST + CORK_ENTRIES * CORK_WORDS.entry) * WORD_BYTES;

/** A larger write is sent at once: the system call costs little beside its bytes. */
const LONGEST = 0x4000;

/** More bytes than this are copied by C: a crossing costs as much as so many steps of a loop. */
const LONGEST_LOOP = 96;

/** A stream whose writes are held. */
export interface CorkWriter {
  readonly fd: number;
  /** The batch in which the stream has an entry. */
  batch: number;
  /** The kernel took `result` of these bytes, or failed with `-result`. */
  onSent(result: number, bytes: Uint8Array): void;
}

/** Bytes that a cork sends once the kernel takes them. */
export interface CorkRest {
  /** The poll is closed: there is one more try. */
  end(): void;
}

/** Datagrams of a socket that a cork holds. */
export interface CorkQueue {
  flush(): void;
}

/** How a cork watches a descriptor of its own: part of the selector. */
export interface CorkWatch {
  /** Calls `onWritable` when `fd` becomes writable or fails. @returns a key for `unwatch`. */
  watch(fd: number, onWritable: () => void): number;
  unwatch(fd: number, key: number): void;
  /** Reports the current readiness of a registered source again. */
  report(registration: DescriptorRegistration): void;
}

/** Where a selector shows its cork to the streams that register with it. */
export const corkOf: unique symbol = Symbol('cork');

/** The cork of a registry's poll, if it has one. */
export function findCork(registry: Registrar): Cork | undefined {
  return (registry[descriptors] as { [corkOf]?: Cork } | undefined)?.[corkOf];
}

/**
 * Holds the writes of a poll until its next wait, which first sends them all in one native call.
 *
 * Writes are held between the answer of a poll and the next wait. At other times they are sent at
 * once, so no write waits for events. If the program does not poll again in the same run of
 * JavaScript, a microtask sends them.
 */
export class Cork {
  /** What `poll.stats()` shows. */
  readonly counts: CorkCounts = { corked: 0, flushed: 0, deferred: 0, refused: 0 };
  readonly watch: CorkWatch;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #handle: Handle;
  readonly #streams: (CorkWriter | undefined)[] = new Array(CORK_ENTRIES).fill(undefined);
  readonly #held: Set<CorkRest> = new Set();
  readonly #queues: CorkQueue[] = [];
  #failed: Set<DescriptorRegistration> | undefined;
  #count = 0;
  #used = 0;
  #batch = 1;
  #open = false;
  #scheduled = false;

  constructor(epfd: number, watch: CorkWatch) {
    const memory = new SharedArrayBuffer(DATA_AT + DATA_BYTES);
    this.#words = new Int32Array(memory);
    this.#bytes = new Uint8Array(memory, DATA_AT);
    const allowed = ioUring().usable ? 1 : 0;
    this.#handle = check(native.corkCreate(epfd, this.#words, allowed), 'io_uring_setup');
    this.watch = watch;
    corks.add(this);
    if (corks.size === 1) process.on('exit', flushAll);
  }

  /** A number for the present batch of held writes. */
  get batch(): number {
    return this.#batch;
  }

  /** Whether a write of `length` bytes is held now. */
  holds(length: number): boolean {
    return this.#open && length <= LONGEST;
  }

  /** A wait begins, in which no write is held: it would not be sent before the wait ends. */
  shut(): void {
    this.#open = false;
  }

  /**
   * Makes room for a write of `stream`: one entry for each stream, because the kernel may take less
   * than an entry has, and the next bytes must not overtake the rest.
   */
  prepare(stream: CorkWriter, length: number): void {
    const extended = this.#count > 0 && this.#streams[this.#count - 1] === stream;
    const possible = extended || (stream.batch !== this.#batch && this.#count < CORK_ENTRIES);
    if (!possible || this.#used + length > DATA_BYTES) this.flush();
  }

  /** Holds a write for which `prepare` has made room. */
  hold(stream: CorkWriter, buffer: Uint8Array, offset: number, length: number): void {
    const used = this.#used;
    if (length <= LONGEST_LOOP) {
      const bytes = this.#bytes;
      for (let i = 0; i < length; i++) bytes[used + i] = buffer[offset + i] as number;
    } else {
      copyToCork(this.#handle, buffer, offset, length, used);
    }
    const words = this.#words;
    const last = this.#count - 1;
    if (last >= 0 && this.#streams[last] === stream) {
      (words[FIRST + last * CORK_WORDS.entry + 2] as number) += length;
    } else {
      const at = FIRST + this.#count * CORK_WORDS.entry;
      words[at] = stream.fd;
      words[at + 1] = used;
      words[at + 2] = length;
      this.#streams[this.#count++] = stream;
      stream.batch = this.#batch;
      words[0] = this.#count; // Last: if this thread is terminated, C sends what is counted.
    }
    this.#used = used + length;
    this.counts.corked++;
    this.#schedule();
  }

  /** Adds a queue that holds its first datagram. */
  add(queue: CorkQueue): void {
    this.#queues.push(queue);
    this.#schedule();
  }

  /** Sends what is held, in order. */
  flush(): void {
    if (this.#queues.length > 0) this.#flushQueues();
    if (this.#count > 0) this.#settle(native.corkFlush(this.#handle));
  }

  /** Sends what is held, and waits for events as `awaitEvents` does. */
  wait(epfd: number, events: Uint8Array, length: number, timeoutMs: number): number {
    this.#open = true;
    if (this.#queues.length > 0) this.#flushQueues();
    const timeout = this.#failed !== undefined ? 0 : timeoutMs;
    if (this.#count === 0) return awaitEvents(epfd, events, length, timeout);
    const result = awaitCorked(this.#handle, events, length, timeout);
    this.#settle(this.#words[1] as number);
    return result;
  }

  /** A write of this registration's stream has failed, which an event is to report. */
  fail(registration: DescriptorRegistration): void {
    this.#failed ??= new Set();
    this.#failed.add(registration);
  }

  /** The registration has ended. */
  forget(registration: DescriptorRegistration): void {
    this.#failed?.delete(registration);
  }

  /** Those for which `fail` was called; `undefined` for none. */
  takeFailed(): Set<DescriptorRegistration> | undefined {
    const failed = this.#failed;
    this.#failed = undefined;
    return failed;
  }

  /** Keeps bytes that the kernel did not take alive until it does: see `HeldBytes`. */
  keep(held: CorkRest): void {
    this.#held.add(held);
  }

  /** The kernel has taken all of `held`, or its connection has failed. */
  release(held: CorkRest): void {
    this.#held.delete(held);
  }

  /** The poll is closed. */
  close(): void {
    this.flush();
    this.#open = false;
    for (const held of [...this.#held]) held.end();
    corks.delete(this);
    if (corks.size === 0) process.off('exit', flushAll);
    native.corkClose(this.#handle);
  }

  #flushQueues(): void {
    const queues = this.#queues;
    for (let i = 0; i < queues.length; i++) (queues[i] as CorkQueue).flush();
    queues.length = 0;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    settled.then(this.#onIdle);
  }

  /** Learns what became of the entries. */
  #settle(exceptions: number): void {
    const count = this.#count;
    const streams = this.#streams;
    this.#count = 0;
    this.#used = 0;
    this.#batch++;
    this.counts.flushed += count;
    for (let i = 0; i < count; i++) {
      const stream = streams[i] as CorkWriter;
      streams[i] = undefined;
      if (exceptions === 0) continue;
      const at = FIRST + i * CORK_WORDS.entry;
      const [offset, length] = [this.#words[at + 1] as number, this.#words[at + 2] as number];
      const result = this.#words[at + 3] as number;
      if (result !== length) stream.onSent(result, this.#bytes.subarray(offset, offset + length));
    }
  }

  readonly #onIdle = (): void => {
    this.#scheduled = false;
    this.flush();
  };
}

const settled = Promise.resolve();

/** Those of this thread, which its exit flushes. */
const corks: Set<Cork> = new Set();

function flushAll(): void {
  for (const cork of corks) {
    cork.flush();
    cork.shut();
  }
}
