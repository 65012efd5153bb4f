import type { DescriptorRegistration } from '@evloop/core/backend';
import { META_STRIDE, NAME_STRIDE } from '@evloop/core/backend';
import {
  messageName,
  messageNameWords,
  messageWords,
  transmitBatch,
} from '../native/message-calls.ts';
import { native } from '../native/native.ts';
import type { Cork, CorkQueue, CorkRest } from './cork.ts';

const { EAGAIN, ECANCELED, EINTR, F_DUPFD_CLOEXEC } = native.constants;

/** How many datagrams are held, and how many bytes for each on average. */
const CAPACITY = 64;
const SLOT = 1024;

const HEADER_WORDS = 2;
const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;
const META_AT = HEADER_WORDS * WORD_BYTES;
const NAMES_AT = META_AT + CAPACITY * META_STRIDE * WORD_BYTES;
const SLOTS_AT = NAMES_AT + CAPACITY * NAME_STRIDE;
/** The words of a message after its offset, its length and whether it has a name. */
const CONTROL_FROM = 3;

/** How a datagram is sent: to the peer, to `messageName`, and as `messageWords` say. */
export const Route = { PEER: 0, NAMED: 1, CONTROLLED: 2 } as const;
export type Route = (typeof Route)[keyof typeof Route];

/** Where the socket's poll reports it, and what decides whether to repeat a failed call. */
interface DatagramReports extends DescriptorRegistration {
  repeats(result: number, tries: number): boolean;
}

/**
 * The datagrams of a socket that is registered with a corked poll, in the layout of sendmmsg(2).
 *
 * The kernel takes a datagram whole or not at all, so they stay in order without a descriptor for
 * each. If it has no room, the rest waits here, and `hold` refuses until it is gone.
 */
export class CorkedDatagrams implements CorkQueue, CorkRest {
  /** Where reports go; `undefined` while the socket is not registered with the poll of the cork. */
  registration: DatagramReports | undefined;
  readonly cork: Cork;
  /** An event with `error` was seen: the next datagram is sent at once, which reports the error. */
  cautious = false;
  readonly #memory = new Uint8Array(SLOTS_AT + CAPACITY * SLOT);
  readonly #words = new Uint32Array(this.#memory.buffer, 0, SLOTS_AT / WORD_BYTES);
  readonly #fd: number;
  #first = 0;
  #count = 0;
  #used = 0;
  #errno = 0;
  /** A descriptor for the rest, watched until the kernel takes it; below 0 without a rest. */
  #rest = -1;
  #key = 0;

  constructor(fd: number, cork: Cork) {
    this.#fd = fd;
    this.cork = cork;
    this.#words[0] = CAPACITY;
    this.#words[1] = SLOT;
  }

  /** Whether the kernel has not yet taken datagrams that were sent. */
  get holding(): boolean {
    return this.#rest >= 0;
  }

  /**
   * Takes a datagram. @returns what the system call would have returned; `undefined` if the
   * datagram is to be sent at once.
   */
  hold(route: Route, buffer: Uint8Array, offset: number, length: number): number | undefined {
    const { cork } = this;
    const holds = this.registration !== undefined && cork.holds(length);
    const fits = this.#count < CAPACITY && this.#used + length <= CAPACITY * SLOT;
    if (!holds || !fits) this.flush();
    if (this.#errno !== 0) return -this.takeErrno();
    if (this.holding) return -EAGAIN;
    if (!holds) return undefined;
    if (this.cautious) {
      this.cautious = false;
      this.flush();
      return this.holding ? -EAGAIN : undefined;
    }
    const i = this.#count++;
    const at = HEADER_WORDS + i * META_STRIDE;
    const words = this.#words;
    words[at] = this.#used;
    words[at + 1] = length;
    const named = route !== Route.PEER && messageNameWords[0] !== 0;
    words[at + 2] = named ? 1 : 0;
    for (let k = CONTROL_FROM; k < META_STRIDE; k++) {
      words[at + k] = route === Route.CONTROLLED ? (messageWords[k] as number) : 0;
    }
    const memory = this.#memory;
    if (named) {
      const name = NAMES_AT + i * NAME_STRIDE;
      for (let k = 0; k < NAME_STRIDE; k++) memory[name + k] = messageName[k] as number;
    }
    copy(buffer, offset, length, memory, SLOTS_AT + this.#used);
    this.#used += length;
    cork.counts.corked++;
    if (i === 0) cork.add(this);
    return length;
  }

  /** Sends what is held, in order. */
  flush(): void {
    if (this.#count > 0 && !this.holding) this.#send(this.#fd);
  }

  /** The number of the error of a datagram that was held, once; 0 for none. */
  takeErrno(): number {
    const errno = this.#errno;
    this.#errno = 0;
    return errno;
  }

  /** The poll is closed: what the kernel does not take now is an error of the socket. */
  end(): void {
    if (!this.holding) return;
    this.#send(this.#rest);
    if (!this.holding) return;
    this.#onFailure(ECANCELED);
    this.#empty();
  }

  /** Sends until nothing is left or the kernel has no room. */
  #send(fd: number): void {
    let tries = 0;
    while (this.#first < this.#count) {
      const n = transmitBatch(fd, this.#memory, this.#first, this.#count - this.#first);
      if (n === -EAGAIN) {
        this.#wait();
        return;
      }
      if (n < 0 && (this.registration?.repeats(n, tries++) ?? n === -EINTR)) continue;
      tries = 0;
      if (n < 0) this.#onFailure(-n);
      // The datagram that failed is lost, and those behind it are not.
      const done = n < 0 ? 1 : n;
      this.cork.counts.flushed += done;
      this.#first += done;
    }
    this.#empty();
  }

  /** Watches the socket, by another descriptor, since the program may close its own. */
  #wait(): void {
    if (this.holding) return;
    this.cork.counts.deferred++;
    const fd = native.fcntl(this.#fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
      this.#onFailure(-fd);
      this.#empty();
      return;
    }
    this.#rest = fd;
    this.#key = this.cork.watch.watch(fd, () => this.#send(fd));
    this.cork.keep(this);
  }

  #empty(): void {
    this.#first = 0;
    this.#count = 0;
    this.#used = 0;
    if (!this.holding) return;
    this.cork.watch.unwatch(this.#rest, this.#key);
    native.close(this.#rest);
    this.#rest = -1;
    this.cork.release(this);
    if (this.registration !== undefined) this.cork.watch.report(this.registration);
  }

  #onFailure(errno: number): void {
    this.cork.counts.refused++;
    this.#errno = errno;
    if (this.registration !== undefined) this.cork.fail(this.registration);
  }
}

/** Up to so many bytes, a loop is faster than a view. */
const LOOP = 128;

function copy(from: Uint8Array, offset: number, length: number, to: Uint8Array, at: number): void {
  if (length > LOOP) to.set(from.subarray(offset, offset + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[offset + i] as number;
}
