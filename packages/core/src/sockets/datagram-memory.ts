import type { SocketAddress } from '../address/address.ts';
import { decodeName, NAME_STRIDE, sameName } from '../address/sockaddr-name.ts';
import { type Inspect, inspectAs, inspected } from '../diagnostics/inspection.ts';
import type { DatagramInfo } from './datagram-control.ts';
import { META_STRIDE, MessageInfo, MSG_CTRUNC, MSG_TRUNC } from './message-words.ts';

/** Bytes of the words before {@link DatagramMemory.meta}. */
const HEADER_SIZE = 2 * Uint32Array.BYTES_PER_ELEMENT;

const MAX_CAPACITY = 1024;
/** The greatest size of a datagram and of a segment. */
export const MAX_SLOT = 65535;

/** Options of `DatagramBatch`. */
export interface DatagramBatchOptions {
  /** How many messages it holds: 1 to 1024. */
  readonly capacity: number;
  /** Bytes for each message: 1 to 65535. Longer datagrams are received truncated. */
  readonly slotSize: number;
}

/** The memory of a `DatagramBatch`, and the methods that read it. */
export abstract class DatagramMemory {
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
  protected count = 0;
  protected taken = 0;
  protected sending = true;

  /** @throws RangeError: the capacity or the slot size is out of range. */
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
    return this.count;
  }

  /** How many of them `sendBatch` has taken. The next call continues with this one. */
  get sent(): number {
    return this.taken;
  }

  /** Whether its messages are to be sent. */
  get outgoing(): boolean {
    return this.sending;
  }

  /** What `console.log` prints: none of its memory. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    const { capacity, slotSize, length, sent } = this;
    const numbers = { capacity, slotSize, length, ...(this.sending ? { sent } : {}) };
    const state = this.sending ? 'outgoing' : 'received';
    return inspectAs(this, { state, ...numbers }, options, inspect);
  }

  /** The number of bytes of message `i`. */
  size(i: number): number {
    return this.word(i, this.sending ? 1 : 0);
  }

  /** Where message `i` begins in `data`. */
  offset(i: number): number {
    return this.sending ? this.word(i, 0) : this.check(i) * this.slotSize;
  }

  /**
   * The bytes of message `i`, not copied. The view is a new object. To avoid it, use `data`,
   * `offset` and `size`.
   */
  view(i: number): Uint8Array {
    const offset = this.offset(i);
    return this.data.subarray(offset, offset + this.size(i));
  }

  /**
   * Returns the sender of message `i`, or its destination if the batch is outgoing. Decodes it, so
   * it is a new object.
   *
   * @throws TypeError: the message has no address (see `hasAddress`).
   */
  address(i: number): SocketAddress {
    if (!this.hasAddress(i)) throw new TypeError(`message ${i} has no address`);
    return decodeName(this.names, i * NAME_STRIDE);
  }

  /**
   * Whether message `i` has an address. Received messages do. Outgoing ones do unless they go to
   * the connected peer.
   */
  hasAddress(i: number): boolean {
    return this.sending ? this.word(i, 2) !== 0 : this.check(i) >= 0;
  }

  /** Whether message `i` has the same address as message `j` of `other`. Decodes neither. */
  sameAddress(i: number, other: DatagramMemory, j: number): boolean {
    if (!this.hasAddress(i) || !other.hasAddress(j)) return false;
    return sameName(this.names, i * NAME_STRIDE, other.names, j * NAME_STRIDE);
  }

  /**
   * Whether the received message `i` is incomplete. Either its slot was too small for it, or
   * control data was lost, perhaps with the size of its segments.
   */
  truncated(i: number): boolean {
    if ((this.word(i, 1) & (MSG_TRUNC | MSG_CTRUNC)) === 0 || this.sending) return false;
    return (this.word(i, 1) & MSG_TRUNC) !== 0 || this.word(i, 2) === 0;
  }

  /** Describes the received message `i`, in a new object. To avoid it, read `meta`. */
  info(i: number): DatagramInfo {
    if (this.sending)
      throw new TypeError('the batch is outgoing: only received messages have this field');
    return new MessageInfo(this.meta, this.check(i) * META_STRIDE);
  }

  /**
   * The size of the datagrams that message `i` was joined from (`UdpSocket.setCoalescing`), or is
   * to be cut into. The last one may be shorter. 0: the message is one datagram.
   */
  segmentSize(i: number): number {
    return this.word(i, this.sending ? 3 : 2);
  }

  protected check(i: number): number {
    if (i >= 0 && i < this.count && Number.isInteger(i)) return i;
    throw new RangeError(
      `invalid index: ${String(i)} (expected an integer below the count of messages, ${this.count})`,
    );
  }

  protected word(i: number, word: number): number {
    return this.meta[this.check(i) * META_STRIDE + word] as number;
  }
}

function checkSize(what: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`invalid ${what}: ${String(value)} (expected an integer from 1 to ${most})`);
}
