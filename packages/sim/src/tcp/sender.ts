import type { ScheduledEvent } from '../clock/event-heap.ts';
import { Flag, type Segment } from '../network/packet.ts';
import { ByteStream } from './byte-stream.ts';
import { RetransmissionTimeout } from './retransmission.ts';
import type { TcpNumbers } from './tcp-numbers.ts';

const NOTHING = new Uint8Array(0);
/** So many acknowledgements of the same byte mean that the one behind it is lost (RFC 5681). */
const DUPLICATES = 3;

/** What the sending half of a connection needs of the rest. */
export interface SenderOwner {
  readonly now: number;
  /** Sends a segment, with the acknowledgement of the moment. Returns when it left. */
  transmit(flags: number, offset: number, data: Uint8Array): number;
  schedule(time: number, run: () => void): ScheduledEvent;
  cancel(event: ScheduledEvent | undefined): void;
  /** Is told when there is room in the buffer again. */
  readonly user: { writable(): void } | undefined;
  /** The peer does not answer. */
  timedOut(): void;
  /** The peer has everything, the end included. */
  endAcknowledged(): void;
}

/**
 * The sending half of a connection: what was written, what is on its way, and what is sent again.
 */
export class Sender {
  readonly #owner: SenderOwner;
  readonly #numbers: TcpNumbers;
  readonly #timeout: RetransmissionTimeout;
  /** What the program wrote, from the first byte that is not acknowledged. */
  readonly #bytes = new ByteStream(1);
  /** The SYN has offset 0. */
  #acknowledged = 0;
  #next = 0;
  /** How far the peer's window reaches. */
  #right = 1;
  #finAt: number | undefined;
  #timer: ScheduledEvent | undefined;
  #duplicates = 0;
  /** The loss that is being repaired ends here. */
  #recover = 0;
  #stalledSince = 0;
  #blocked = false;
  mss = 536;
  nodelay = false;
  /** The peer's SYN is known, so that the own one carries an acknowledgement. */
  mayAcknowledge = false;
  bufferSize: number;
  /** For how long data may go unacknowledged, in nanoseconds; 0: as long as the retries take. */
  userTimeout = 0;

  constructor(owner: SenderOwner, numbers: TcpNumbers) {
    this.#owner = owner;
    this.#numbers = numbers;
    this.#timeout = new RetransmissionTimeout(numbers);
    this.bufferSize = numbers.sendBuffer;
  }

  /** The offset of what is sent next. */
  get next(): number {
    return this.#next;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get finSent(): boolean {
    return this.#finAt !== undefined && this.#next > this.#finAt;
  }

  get finAcknowledged(): boolean {
    return this.#finAt !== undefined && this.#acknowledged > this.#finAt;
  }

  get ended(): boolean {
    return this.#finAt !== undefined;
  }

  /** The offset behind everything that was written. */
  get written(): number {
    return this.#bytes.end;
  }

  /** The bytes that were written and not acknowledged. */
  get queued(): number {
    return this.#bytes.length;
  }

  /** Sends the first SYN, and sends it again until it is answered. */
  open(flags: number): void {
    this.#next = 1;
    this.#stalledSince = this.#owner.now;
    this.#owner.transmit(flags, 0, NOTHING);
    this.#timeout.time(1, this.#owner.now);
    this.#arm(this.#owner.now);
  }

  /** Takes from the front of `bytes` what there is room for, and returns how much. */
  write(bytes: Uint8Array): number {
    const size = Math.min(bytes.length, Math.max(0, this.bufferSize - this.#bytes.length));
    if (size > 0) this.#bytes.append(bytes.slice(0, size));
    if (size > 0) this.output();
    return size;
  }

  /** The program was told that there is no room. */
  block(): void {
    this.#blocked = true;
  }

  /** Ends the stream behind what was written. */
  end(): void {
    if (this.#finAt !== undefined) return;
    this.#finAt = this.#bytes.end;
    this.output();
  }

  /** Sends what may be sent now. */
  output(): void {
    const { end } = this.#bytes;
    while (this.#next >= 1 && this.#next < end) {
      const room = this.#right - this.#next;
      const size = Math.min(this.mss, end - this.#next, room);
      if (size <= 0 || !this.#mayLeave(size, room)) break;
      this.#send(this.#next, size);
    }
    if (this.#finAt !== undefined && this.#next === this.#finAt) {
      this.#next++;
      this.#sent(this.#owner.transmit(Flag.FIN | Flag.ACK, this.#finAt, NOTHING));
    }
    if (this.#timer === undefined && this.#next < end) this.#arm(this.#owner.now);
  }

  /** Takes the acknowledgement and the window of a segment. */
  receive({ ack, window, data, flags }: Segment): void {
    const right = ack + window;
    const wider = right > this.#right;
    if (ack > this.#acknowledged && ack <= this.#next) {
      this.#advance(ack);
    } else if (ack === this.#acknowledged && this.#next > ack && data.length === 0) {
      const bare = !wider && (flags & (Flag.FIN | Flag.SYN)) === 0;
      if (bare && ++this.#duplicates === DUPLICATES) this.#repair();
    }
    if (ack >= this.#acknowledged) this.#right = Math.max(this.#right, right);
    if (wider && this.#next === this.#acknowledged) {
      this.#timeout.attempts = 0;
      this.#disarm();
    }
    this.output();
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#disarm();
  }

  /** Sends an empty segment that the peer must answer. */
  probe(): void {
    this.#owner.transmit(Flag.ACK, this.#next - 1, NOTHING);
  }

  // Nagle: a small segment waits while another is on its way. A part of a larger write waits for
  // the window.
  #mayLeave(size: number, room: number): boolean {
    if (size === this.mss) return true;
    const last = this.#next + size === this.#bytes.end;
    if (!last) return this.#next === this.#acknowledged && room >= this.mss / 2;
    return this.nodelay || this.#next === this.#acknowledged || this.#finAt !== undefined;
  }

  #send(offset: number, size: number): void {
    const push = offset + size === this.#bytes.end ? Flag.PSH : 0;
    const data = this.#bytes.slice(offset, size);
    if (offset === this.#next) {
      if (this.#next === this.#acknowledged) this.#stalledSince = this.#owner.now;
      this.#next += size;
      this.#timeout.time(this.#next, this.#owner.now);
    }
    this.#sent(this.#owner.transmit(Flag.ACK | push, offset, data));
  }

  // Linux sends nothing again that is still in the host's own queue, so the timer starts when it
  // has left.
  #sent(left: number): void {
    if (this.#timer === undefined) this.#arm(left);
  }

  #advance(ack: number): void {
    const { now } = this.#owner;
    this.#acknowledged = ack;
    this.#stalledSince = now;
    this.#duplicates = 0;
    this.#bytes.dropUntil(ack);
    this.#timeout.acknowledged(ack, now);
    this.#disarm();
    if (ack < this.#next) {
      if (ack < this.#recover) this.#again();
      this.#arm(now);
    }
    if (this.finAcknowledged) this.#owner.endAcknowledged();
    // Linux reports room once a third of the buffer is free: sk_stream_is_writeable.
    if (this.#blocked && this.#bytes.length * 3 <= this.bufferSize * 2) {
      this.#blocked = false;
      this.#owner.user?.writable();
    }
  }

  #repair(): void {
    this.#recover = this.#next;
    this.#again();
    this.#arm(this.#owner.now);
  }

  /** Sends the first segment again that is not acknowledged. */
  #again(): void {
    this.#timeout.spoil();
    const offset = this.#acknowledged;
    const size = Math.min(this.mss, this.#bytes.end - offset, this.#next - offset);
    if (size > 0) this.#send(offset, size);
    else if (offset === this.#finAt) this.#owner.transmit(Flag.FIN | Flag.ACK, offset, NOTHING);
  }

  #arm(from: number): void {
    this.#disarm();
    let time = from + this.#timeout.current;
    if (this.userTimeout > 0 && this.#acknowledged > 0) {
      time = Math.min(time, this.#stalledSince + this.userTimeout);
    }
    this.#timer = this.#owner.schedule(time, this.#onTimeout);
  }

  #disarm(): void {
    this.#owner.cancel(this.#timer);
    this.#timer = undefined;
  }

  readonly #onTimeout = (): void => {
    this.#timer = undefined;
    const { now } = this.#owner;
    const overdue = this.userTimeout > 0 && now - this.#stalledSince >= this.userTimeout;
    const inFlight = this.#next > this.#acknowledged;
    const attempts = ++this.#timeout.attempts;
    if (this.#acknowledged === 0) {
      this.#openAgain(attempts);
      return;
    }
    if (overdue || (inFlight && attempts > this.#numbers.retries)) {
      this.#owner.timedOut();
      return;
    }
    if (inFlight) {
      this.#recover = this.#next;
      this.#duplicates = 0;
      this.#again();
    } else {
      this.probe();
    }
    this.#arm(now);
  };

  #openAgain(attempts: number): void {
    const answers = this.mayAcknowledge;
    const { synRetries, synAckRetries } = this.#numbers;
    if (attempts > (answers ? synAckRetries : synRetries)) {
      this.#owner.timedOut();
      return;
    }
    this.#timeout.spoil();
    this.#owner.transmit(Flag.SYN | (answers ? Flag.ACK : 0), 0, NOTHING);
    this.#arm(this.#owner.now);
  }
}
