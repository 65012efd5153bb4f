import { type SocketAddressLike, toSocketAddress } from '../address/address.ts';
import { encodeName, NAME_STRIDE } from '../address/sockaddr-name.ts';
import { checkRange } from './byte-range.ts';
import type { SendControl } from './datagram-control.ts';
import { DatagramMemory, MAX_SLOT } from './datagram-memory.ts';
import { answerFrom, META_STRIDE, MessageBits, writeControl } from './message-words.ts';

/** The most datagrams that a message may be cut into (`UDP_MAX_SEGMENTS`). */
export const MAX_SEGMENTS = 64;

/**
 * Many datagrams in memory that is reused from call to call. `UdpSocket.recvBatch` fills it, and
 * `UdpSocket.sendBatch` sends it, without an object or a string for each datagram. Addresses are
 * decoded on demand.
 *
 * At any time it either holds **received** messages (after `recvBatch`) or is **outgoing** (new,
 * cleared, or after `reply`). Messages are numbered from 0; any other number is a RangeError.
 *
 * Programs may read the memory; backends write it. It is one piece, so that a system call needs one
 * argument: the words `capacity` and `slotSize`, then `meta`, `names` and `data`, which are views
 * of it. A `meta` entry has {@link META_STRIDE} words:
 *
 * | word | received | outgoing |
 * |---|---|---|
 * | 0 | its size | its offset in `data` |
 * | 1 | `MSG_TRUNC` (0x20) if its end is lost, `MSG_CTRUNC` (8) if control data is | its length |
 * | 2 | the size of the datagrams it was joined from, or 0 | 1: `names` has its destination |
 * | 3 | the socket's kernel drop counter | the size of the datagrams to cut it into, or 0 |
 * | 4 | which words are set: 1 the counter, 2 TOS, 4 TTL, 8 address and interface, 16 time | the same |
 * | 5, 6 | TOS or traffic class; TTL or hop limit | the same |
 * | 7 | the index of the interface of arrival | the interface to send on, or 0 |
 * | 8–11 | the address it was sent to: 16 bytes, IPv4 as `::ffff:…` | the address to send from |
 * | 12 | over IPv4: the address of this machine to answer from | – |
 * | 13, 14 | when it was received: nanoseconds, low word first | when to send it |
 *
 * A received message `i` is in `data` from `i * slotSize`. Outgoing messages follow each other
 * without gaps. {@link NAME_STRIDE} describes the names.
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
export class DatagramBatch extends DatagramMemory {
  #end = 0;

  /**
   * Sets how the outgoing message `i` is sent. Members that `control` omits stay as they are.
   *
   * @throws TypeError: the batch holds received messages, or the source is not an IP address.
   *   RangeError: a number is out of range.
   */
  setControl(i: number, control: SendControl): void {
    this.#checkOutgoing();
    writeControl(this.meta, this.check(i) * META_STRIDE, control);
  }

  /**
   * Adds a message: copies `bytes`, to be sent to `to`. Without `to`, it goes to the peer of a
   * connected socket.
   *
   * With a `segmentSize`, the message is sent as at most 64 datagrams of that size
   * (`MAX_SEGMENTS`), of which the last may be shorter. They leave in one call if
   * `supports.udpSegmentation` is true, otherwise one by one.
   *
   * @returns false if there is no room left: send, `clear` and push again.
   * @throws TypeError: the batch holds received messages, or `to` is invalid (see
   *   `toSocketAddress`). RangeError: the segment size is out of range, or `bytes` is larger than
   *   the whole batch.
   */
  push(bytes: Uint8Array, to?: SocketAddressLike, segmentSize = 0): boolean {
    const address = to === undefined ? undefined : toSocketAddress(to);
    if (!this.#hasRoom(bytes, segmentSize)) return false;
    if (address !== undefined) encodeName(address, this.names, this.count * NAME_STRIDE);
    this.#add(bytes, address !== undefined, segmentSize);
    return true;
  }

  /**
   * Like `push`, to the address of message `j` of `from`: a reply to a received message. It is sent
   * from the address that message `j` was sent to, if that is known. Copies the name, and allocates
   * nothing.
   */
  pushTo(bytes: Uint8Array, from: DatagramBatch, j: number, segmentSize = 0): boolean {
    if (!from.hasAddress(j)) throw new TypeError(`message ${j} has no address`);
    if (!this.#hasRoom(bytes, segmentSize)) return false;
    this.#copyName(this.count, from, j);
    this.#add(bytes, true, segmentSize);
    this.#copySource(this.count - 1, from, j);
    return true;
  }

  /**
   * Gives the outgoing message `i` the address of message `j` of `from`, without decoding it.
   *
   * @throws TypeError: as `pushTo`, or this batch is not outgoing.
   */
  copyAddress(i: number, from: DatagramBatch, j: number): void {
    this.#checkOutgoing();
    if (!from.hasAddress(j)) throw new TypeError(`message ${j} has no address`);
    this.#copyName(this.check(i), from, j);
    this.meta[i * META_STRIDE + 2] = 1;
  }

  /**
   * Makes the received messages outgoing, in place. Each goes back to its sender, cut as it was
   * joined, and from the address that it was sent to, if that is known (the option `packetInfo`).
   * Change the bytes through `data` or `view`. Does nothing if the batch is outgoing already.
   */
  reply(): void {
    if (this.sending) return;
    const { meta } = this;
    this.#turn(MessageBits.PLACE, 1);
    for (let i = 0, at = 0; i < this.count; i++, at += META_STRIDE) {
      if (meta[at + 4] !== 0) answerFrom(meta, at);
    }
  }

  /**
   * Makes the received messages outgoing, in place, to forward them: cut as they were joined, with
   * their TOS and ECN if known (the option `recvTos`). Each message goes to the peer of a connected
   * socket. With `to`, it goes to the address of message `j` of `to`, from the source that `pushTo`
   * gave that one. Allocates nothing.
   *
   * @throws TypeError: the batch is outgoing already, or message `j` has no address.
   */
  passOn(to?: DatagramBatch, j = 0): void {
    if (this.sending)
      throw new TypeError(
        'the batch is outgoing: only received messages can be replied to or forwarded',
      );
    if (to !== undefined && !to.hasAddress(j)) throw new TypeError(`message ${j} has no address`);
    this.#turn(MessageBits.TOS, to === undefined ? 0 : 1);
    if (to === undefined) return;
    for (let i = 0; i < this.count; i++) {
      this.#copyName(i, to, j);
      this.#copySource(i, to, j);
    }
  }

  /** Forgets all messages: the batch is empty and outgoing. */
  clear(): void {
    this.count = this.taken = this.#end = 0;
    this.sending = true;
  }

  /** For backends: the batch now holds `count` received messages, which the backend has written. */
  received(count: number): void {
    this.count = count;
    this.taken = 0;
    this.sending = false;
  }

  /**
   * For backends: `count` more messages were sent, or given up.
   *
   * @throws TypeError: the batch holds received messages.
   */
  took(count: number): void {
    this.#checkOutgoing();
    this.taken += count;
  }

  /** For backends: the first `bytes` bytes of message `i` were sent. The rest stays to be sent. */
  shorten(i: number, bytes: number): void {
    const at = this.check(i) * META_STRIDE;
    this.meta[at] = (this.meta[at] as number) + bytes;
    this.meta[at + 1] = (this.meta[at + 1] as number) - bytes;
  }

  #checkOutgoing(): void {
    if (this.sending) return;
    throw new TypeError('the batch holds received messages: clear() it, or reply() to them');
  }

  #hasRoom(bytes: Uint8Array, segmentSize: number): boolean {
    this.#checkOutgoing();
    const size = checkRange(bytes, 0, undefined);
    if (!Number.isInteger(segmentSize) || segmentSize < 0 || segmentSize > MAX_SLOT) {
      throw new RangeError(
        `invalid segmentSize: ${String(segmentSize)} (expected an integer from 0 to ${MAX_SLOT})`,
      );
    }
    if (segmentSize > 0 && size > segmentSize * MAX_SEGMENTS) {
      throw new RangeError(
        `invalid length: ${size} (expected at most ${MAX_SEGMENTS} segments of ${segmentSize} bytes)`,
      );
    }
    if (size > this.data.length) {
      throw new RangeError(
        `invalid length: ${size} (expected at most ${this.data.length} bytes, the batch's memory)`,
      );
    }
    return this.count < this.capacity && size <= this.data.length - this.#end;
  }

  #add(bytes: Uint8Array, named: boolean, segmentSize: number): void {
    const at = this.count++ * META_STRIDE;
    this.data.set(bytes, this.#end);
    this.meta[at] = this.#end;
    this.meta[at + 1] = bytes.length;
    this.meta[at + 2] = named ? 1 : 0;
    this.meta[at + 3] = segmentSize;
    this.meta[at + 4] = 0;
    this.#end += bytes.length;
  }

  /** Makes received messages outgoing. `bits` selects the words of `meta` that stay. */
  #turn(bits: number, named: 0 | 1): void {
    const { meta, slotSize } = this;
    for (let i = 0, at = 0; i < this.count; i++, at += META_STRIDE) {
      meta[at + 3] = meta[at + 2] as number;
      meta[at + 1] = meta[at] as number;
      meta[at] = i * slotSize;
      meta[at + 2] = named;
      meta[at + 4] = (meta[at + 4] as number) & bits;
    }
    this.sending = true;
    this.#end = this.count * slotSize;
  }

  #copySource(i: number, from: DatagramBatch, j: number): void {
    const to = i * META_STRIDE;
    const at = j * META_STRIDE;
    if (((from.meta[at + 4] as number) & MessageBits.PLACE) === 0) return;
    for (let k = 7; k <= 12; k++) this.meta[to + k] = from.meta[at + k] as number;
    if (!from.outgoing) answerFrom(this.meta, to);
    this.meta[to + 4] = (this.meta[to + 4] as number) | MessageBits.PLACE;
  }

  #copyName(i: number, from: DatagramBatch, j: number): void {
    // Byte by byte: copyWithin and set need a view, which would be an object.
    for (let k = 0; k < NAME_STRIDE; k++) {
      this.names[i * NAME_STRIDE + k] = from.names[j * NAME_STRIDE + k] as number;
    }
  }
}

/**
 * For backends: checks the batch of `recvBatch` and `sendBatch`. By shape, not by class: a program
 * may load two copies of core.
 *
 * @throws TypeError: `batch` is not a batch, or its memory was transferred.
 */
export function checkBatch(batch: DatagramBatch): void {
  if (typeof batch?.received !== 'function' || typeof batch.took !== 'function') {
    throw new TypeError('invalid batch (expected a DatagramBatch)');
  }
  if (batch.memory.length === 0) {
    throw new TypeError('invalid batch: its memory was transferred');
  }
}
