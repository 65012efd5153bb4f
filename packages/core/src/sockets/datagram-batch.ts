import { type SocketAddress, type SocketAddressLike, toSocketAddress } from '../address/address.ts';
import { decodeName, encodeName, NAME_STRIDE, sameName } from '../address/sockaddr-name.ts';
import { checkRange } from './byte-range.ts';

/** Words from one message to the next in {@link DatagramBatch.meta}. */
export const META_STRIDE = 5;

/** A message may be cut into this many datagrams at the most (`UDP_MAX_SEGMENTS`). */
export const MAX_SEGMENTS = 64;

/** Bytes of the words before {@link DatagramBatch.meta}. */
const HEADER_SIZE = 2 * Uint32Array.BYTES_PER_ELEMENT;

const MAX_CAPACITY = 1024;
const MAX_SLOT = 65535;
const MSG_TRUNC = 0x20;

/** Options of {@link DatagramBatch}. */
export interface DatagramBatchOptions {
  /** How many messages it holds: 1 to 1024. */
  readonly capacity: number;
  /** Bytes for each: 1 to 65535. What is longer is received truncated. */
  readonly slotSize: number;
}

/**
 * Many datagrams in memory that is reused from call to call, so that receiving and sending them costs no object and no string for each:
 * what `UdpSocket.recvBatch` fills and `UdpSocket.sendBatch` empties. Addresses are decoded when they are asked for.
 *
 * At any time it either holds what was **received** (after `recvBatch`) or is **outgoing** (new, cleared, or after `reply`).
 * Messages are numbered from 0; a number that is none is a RangeError.
 *
 * The memory is open to be read, and backends write it. It is one piece, so that a system call is given one thing: the words `capacity` and
 * `slotSize`, then `meta`, `names` and `data`, which are views of it. A `meta` entry has {@link META_STRIDE} words:
 *
 * | word | received | outgoing |
 * |---|---|---|
 * | 0 | its size | its offset in `data` |
 * | 1 | `MSG_TRUNC` (0x20) when its end is lost | its length |
 * | 2 | the size of the datagrams it was joined from, or 0 | 1: `names` has its destination |
 * | 3 | the socket's kernel drop counter | the size of the datagrams to cut it into, or 0 |
 * | 4 | 1: there is such a counter | – |
 *
 * A received message `i` is in `data` from `i * slotSize`; outgoing ones lie one after the other. Names are described at {@link NAME_STRIDE}.
 *
 * @example
 * ```ts
 * const batch = new DatagramBatch({ capacity: 64, slotSize: 2048 });
 * // An echo server, on each readable event:
 * while (socket.recvBatch(batch) !== WouldBlock) {
 *   batch.reply();
 *   if (socket.sendBatch(batch) === WouldBlock) dropped += batch.length - batch.sent;
 * }
 * ```
 */
export class DatagramBatch {
  /** How many messages it holds. */
  readonly capacity: number;
  /** Bytes for each received message. */
  readonly slotSize: number;
  /** All of its memory. */
  readonly memory: Uint8Array;
  /** The bytes of the messages: `capacity * slotSize` of them. */
  readonly data: Uint8Array;
  /** The addresses of the messages. */
  readonly names: Uint8Array;
  /** The description of the messages. */
  readonly meta: Uint32Array;
  #length = 0;
  #sent = 0;
  #end = 0;
  #outgoing = true;

  /** @throws RangeError for a capacity or a slot size that is out of range. */
  constructor(options: DatagramBatchOptions) {
    this.capacity = checkSize('capacity', options.capacity, MAX_CAPACITY);
    this.slotSize = checkSize('slotSize', options.slotSize, MAX_SLOT);
    const { capacity, slotSize } = this;
    const names = HEADER_SIZE + capacity * META_STRIDE * Uint32Array.BYTES_PER_ELEMENT;
    const data = names + capacity * NAME_STRIDE;
    const buffer = new ArrayBuffer(data + capacity * slotSize);
    new Uint32Array(buffer, 0, 2).set([capacity, slotSize]);
    this.memory = new Uint8Array(buffer);
    this.meta = new Uint32Array(buffer, HEADER_SIZE, capacity * META_STRIDE);
    this.names = new Uint8Array(buffer, names, capacity * NAME_STRIDE);
    this.data = new Uint8Array(buffer, data);
  }

  /** The number of messages that it holds. */
  get length(): number {
    return this.#length;
  }

  /** How many of them `sendBatch` has taken. The next call goes on with this one. */
  get sent(): number {
    return this.#sent;
  }

  /** Whether its messages are to be sent. */
  get outgoing(): boolean {
    return this.#outgoing;
  }

  /** The number of bytes of message `i`. */
  size(i: number): number {
    return this.#word(i, this.#outgoing ? 1 : 0);
  }

  /** Where message `i` begins in `data`. */
  offset(i: number): number {
    return this.#outgoing ? this.#word(i, 0) : this.#check(i) * this.slotSize;
  }

  /** The bytes of message `i`, not copied. The view is a new object: where each one counts use `data`, `offset` and `size`. */
  view(i: number): Uint8Array {
    const offset = this.offset(i);
    return this.data.subarray(offset, offset + this.size(i));
  }

  /** Where message `i` came from, or goes to; decoded, so a new object. @throws TypeError when it has no address (see `hasAddress`). */
  address(i: number): SocketAddress {
    if (!this.hasAddress(i)) throw new TypeError(`message ${i} has no address`);
    return decodeName(this.names, i * NAME_STRIDE);
  }

  /** Whether message `i` has an address: received ones have, outgoing ones unless they are for the connected peer. */
  hasAddress(i: number): boolean {
    return this.#outgoing ? this.#word(i, 2) !== 0 : this.#check(i) >= 0;
  }

  /** Whether message `i` has the same address as message `j` of `other`: without decoding either. */
  sameAddress(i: number, other: DatagramBatch, j: number): boolean {
    if (!this.hasAddress(i) || !other.hasAddress(j)) return false;
    return sameName(this.names, i * NAME_STRIDE, other.names, j * NAME_STRIDE);
  }

  /** Whether the end of the received message `i` was lost because its slot is too small. */
  truncated(i: number): boolean {
    return (this.#word(i, 1) & MSG_TRUNC) !== 0 && !this.#outgoing;
  }

  /**
   * The size of the datagrams that message `i` was joined from (`UdpSocket.setCoalescing`), or is to be cut into; the last may be shorter. 0: it is one
   * datagram.
   */
  segmentSize(i: number): number {
    return this.#word(i, this.#outgoing ? 3 : 2);
  }

  /**
   * Adds a message: copies `bytes`, to be sent to `to`, or to the peer of a connected socket where it is left out.
   *
   * With a `segmentSize` the message is sent as many datagrams of that size, the last of which may be shorter: in one go where
   * `supports.udpSegmentation` is true, one by one otherwise. They are at most `MAX_SEGMENTS`.
   *
   * @returns false when there is no room left: send, `clear` and push again.
   * @throws TypeError while it holds received messages; for what `toSocketAddress` refuses. RangeError for a segment size that is out of range, and for more bytes than
   * the whole batch has.
   */
  push(bytes: Uint8Array, to?: SocketAddressLike, segmentSize = 0): boolean {
    const address = to === undefined ? undefined : toSocketAddress(to);
    if (!this.#hasRoom(bytes, segmentSize)) return false;
    if (address !== undefined) encodeName(address, this.names, this.#length * NAME_STRIDE);
    this.#add(bytes, address !== undefined, segmentSize);
    return true;
  }

  /** Like `push`, to the address of message `j` of `from`: the reply to what was received. Copies the name, and allocates nothing. */
  pushTo(bytes: Uint8Array, from: DatagramBatch, j: number, segmentSize = 0): boolean {
    if (!from.hasAddress(j)) throw new TypeError(`message ${j} has no address`);
    if (!this.#hasRoom(bytes, segmentSize)) return false;
    this.#copyName(this.#length, from, j);
    this.#add(bytes, true, segmentSize);
    return true;
  }

  /** Gives the outgoing message `i` the address of message `j` of `from`, without decoding it. @throws TypeError as `pushTo`, or when this is not outgoing. */
  copyAddress(i: number, from: DatagramBatch, j: number): void {
    this.#checkOutgoing();
    if (!from.hasAddress(j)) throw new TypeError(`message ${j} has no address`);
    this.#copyName(this.#check(i), from, j);
    this.meta[i * META_STRIDE + 2] = 1;
  }

  /**
   * Makes what was received outgoing, in place: each message goes back to where it came from, cut as it was joined. Change
   * the bytes through `data` or `view` as need be. Does nothing when it is outgoing already.
   */
  reply(): void {
    if (this.#outgoing) return;
    const { meta, slotSize } = this;
    for (let i = 0, at = 0; i < this.#length; i++, at += META_STRIDE) {
      meta[at + 3] = meta[at + 2] as number;
      meta[at + 1] = meta[at] as number;
      meta[at] = i * slotSize;
      meta[at + 2] = 1;
    }
    this.#outgoing = true;
    this.#end = this.#length * slotSize;
  }

  /** Forgets all messages: it is empty and outgoing. */
  clear(): void {
    this.#length = this.#sent = this.#end = 0;
    this.#outgoing = true;
  }

  /** For backends: from now on it holds `count` received messages, which they have written. */
  received(count: number): void {
    this.#length = count;
    this.#sent = 0;
    this.#outgoing = false;
  }

  /** For backends: `count` more messages were sent, or given up. @throws TypeError when it holds received messages. */
  took(count: number): void {
    this.#checkOutgoing();
    this.#sent += count;
  }

  /** For backends: the first `bytes` bytes of message `i` were sent; the rest stays to be sent. */
  shorten(i: number, bytes: number): void {
    const at = this.#check(i) * META_STRIDE;
    this.meta[at] = (this.meta[at] as number) + bytes;
    this.meta[at + 1] = (this.meta[at + 1] as number) - bytes;
  }

  #check(i: number): number {
    if (i >= 0 && i < this.#length && Number.isInteger(i)) return i;
    throw new RangeError(`there is no message ${String(i)} among ${this.#length}`);
  }

  #checkOutgoing(): void {
    if (this.#outgoing) return;
    throw new TypeError('the batch holds received messages: clear() it, or reply() to them');
  }

  #word(i: number, word: number): number {
    return this.meta[this.#check(i) * META_STRIDE + word] as number;
  }

  #hasRoom(bytes: Uint8Array, segmentSize: number): boolean {
    this.#checkOutgoing();
    const size = checkRange(bytes, 0, undefined);
    if (!Number.isInteger(segmentSize) || segmentSize < 0 || segmentSize > MAX_SLOT) {
      throw new RangeError(
        `a segment size is an integer from 0 to ${MAX_SLOT}, not ${String(segmentSize)}`,
      );
    }
    if (segmentSize > 0 && size > segmentSize * MAX_SEGMENTS) {
      throw new RangeError(
        `${size} bytes are more than ${MAX_SEGMENTS} segments of ${segmentSize}`,
      );
    }
    if (size > this.data.length) {
      throw new RangeError(`${size} bytes are more than the batch has: ${this.data.length}`);
    }
    return this.#length < this.capacity && size <= this.data.length - this.#end;
  }

  #add(bytes: Uint8Array, named: boolean, segmentSize: number): void {
    const at = this.#length++ * META_STRIDE;
    this.data.set(bytes, this.#end);
    this.meta[at] = this.#end;
    this.meta[at + 1] = bytes.length;
    this.meta[at + 2] = named ? 1 : 0;
    this.meta[at + 3] = segmentSize;
    this.#end += bytes.length;
  }

  #copyName(i: number, from: DatagramBatch, j: number): void {
    // Byte by byte: copyWithin and set need a view, which is an object.
    for (let k = 0; k < NAME_STRIDE; k++) {
      this.names[i * NAME_STRIDE + k] = from.names[j * NAME_STRIDE + k] as number;
    }
  }
}

/**
 * For backends: checks the batch of `recvBatch` and `sendBatch`. By shape, not by class: a program may hold two copies of core.
 *
 * @throws TypeError when it is none, or its memory was transferred.
 */
export function checkBatch(batch: DatagramBatch): void {
  if (typeof batch?.received !== 'function' || typeof batch.took !== 'function') {
    throw new TypeError('the batch must be a DatagramBatch');
  }
  if (batch.memory.length === 0) {
    throw new TypeError('the memory of the batch was transferred');
  }
}

function checkSize(what: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`${what} is an integer from 1 to ${most}, not ${String(value)}`);
}
