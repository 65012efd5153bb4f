import type { ScheduledEvent } from '../clock/event-heap.ts';
import { Flag, type Segment } from '../network/packet.ts';
import { ByteStream } from './byte-stream.ts';
import { Reassembly } from './reassembly.ts';
import type { TcpNumbers } from './tcp-numbers.ts';

/** Windows are counted in units of 128 bytes (RFC 7323, with a shift of 7). */
const WINDOW_UNIT = 128;

/** What the receiving half of a connection needs of the rest. */
export interface ReceiverOwner {
  readonly now: number;
  /** Sends an acknowledgement. */
  acknowledge(): void;
  schedule(time: number, run: () => void): ScheduledEvent;
  cancel(event: ScheduledEvent | undefined): void;
}

/** What a segment has brought. */
export interface Received {
  readonly data: boolean;
  readonly end: boolean;
}

/**
 * The receiving half of a connection: what arrived, what may arrive, and what is acknowledged when.
 */
export class Receiver {
  readonly bytes: ByteStream = new ByteStream(1);
  readonly #owner: ReceiverOwner;
  readonly #numbers: TcpNumbers;
  readonly #early = new Reassembly();
  #finAt: number | undefined;
  #ended = false;
  /** How far the window reaches that the peer was told. */
  #right = 1;
  #unacknowledged = 0;
  #quick: number;
  /** The program answers what it receives, so that acknowledgements travel with data. */
  #interactive = false;
  #timer: ScheduledEvent | undefined;
  bufferSize: number;
  mss = 536;

  constructor(owner: ReceiverOwner, numbers: TcpNumbers) {
    this.#owner = owner;
    this.#numbers = numbers;
    this.#quick = numbers.quickAcks;
    this.bufferSize = numbers.receiveBuffer;
  }

  /** What is expected next, as an offset. */
  get next(): number {
    return this.bytes.end + (this.#ended ? 1 : 0);
  }

  /** Whether everything up to the peer's end has arrived. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The bytes that wait to be read. */
  get unread(): number {
    return this.bytes.length;
  }

  /** Takes the data and the end of a segment. */
  receive({ offset, data, flags }: Segment): Received {
    const before = this.bytes.end;
    if ((flags & Flag.FIN) !== 0) this.#finAt = offset + data.length;
    const behind = offset > this.next;
    if (data.length > 0) this.#take(offset, data);
    const ends = !this.#ended && this.#finAt === this.bytes.end;
    if (ends) this.#ended = true;
    const fresh = this.bytes.end - before;
    const occupies = data.length > 0 || (flags & (Flag.FIN | Flag.SYN)) !== 0;
    const old = offset < before && !occupies;
    if (old || ends || (occupies && (behind || fresh === 0 || !this.#early.empty))) {
      this.#owner.acknowledge();
    } else if (fresh > 0) {
      this.#delay(fresh);
    }
    return { data: fresh > 0, end: ends };
  }

  /** The window to tell the peer, in bytes. The edge that it was told never moves back. */
  window(): number {
    const free = this.bufferSize - this.bytes.length;
    const least = Math.min(this.mss, Math.floor(this.bufferSize / 16));
    const offered = free < least ? 0 : free - (free % WINDOW_UNIT);
    const promised = this.#right - this.next;
    const window = Math.max(offered, promised, 0);
    this.#right = this.next + window;
    return window;
  }

  /** The program has read `size` bytes. */
  consume(size: number): void {
    this.bytes.dropUntil(this.bytes.start + size);
    if (this.#ended) return;
    const told = this.#right - this.next;
    const free = this.bufferSize - this.bytes.length;
    // As Linux: an update is sent when it at least doubles the window.
    if (free >= 2 * told && free - told >= Math.min(this.mss, this.bufferSize / 2)) {
      this.#owner.acknowledge();
    }
  }

  /** A segment has left, and with it the acknowledgement. */
  acknowledged(withData: boolean): void {
    if (withData && this.#unacknowledged > 0) this.#interactive = true;
    this.#unacknowledged = 0;
    this.#owner.cancel(this.#timer);
    this.#timer = undefined;
  }

  /** Acknowledges nothing any more. */
  stop(): void {
    this.acknowledged(false);
  }

  #take(offset: number, data: Uint8Array): void {
    const { end } = this.bytes;
    const room = this.#right - offset;
    const fits = data.length > room ? data.subarray(0, Math.max(0, room)) : data;
    if (offset > end) {
      if (fits.length > 0) this.#early.add(offset, fits);
      return;
    }
    const known = end - offset;
    if (known >= fits.length) return;
    this.bytes.append(known === 0 ? fits : fits.subarray(known));
    for (;;) {
      const piece = this.#early.take(this.bytes.end);
      if (piece === undefined) return;
      this.bytes.append(piece);
    }
  }

  #delay(fresh: number): void {
    this.#unacknowledged += fresh;
    const quick = !this.#interactive && this.#quick > 0;
    if (quick) this.#quick--;
    if (quick || this.#unacknowledged >= 2 * this.mss) {
      this.#owner.acknowledge();
      return;
    }
    this.#timer ??= this.#owner.schedule(
      this.#owner.now + this.#numbers.delayedAck,
      this.#onDelayed,
    );
  }

  readonly #onDelayed = (): void => {
    this.#timer = undefined;
    this.#owner.acknowledge();
  };
}
