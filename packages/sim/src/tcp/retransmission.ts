import type { TcpNumbers } from './tcp-numbers.ts';

/** The retransmission timeout of one connection: RFC 6298, with Linux's floor. */
export class RetransmissionTimeout {
  readonly #numbers: TcpNumbers;
  #smoothed = 0;
  #variation = 0;
  #timeout: number;
  #timedEnd = -1;
  #timedAt = 0;
  /** How often the same data was sent again without an answer. */
  attempts = 0;

  constructor(numbers: TcpNumbers) {
    this.#numbers = numbers;
    this.#timeout = numbers.synTimeout;
  }

  /** How long to wait now, in nanoseconds. */
  get current(): number {
    return Math.min(this.#timeout * 2 ** Math.min(this.attempts, 20), this.#numbers.maxTimeout);
  }

  /** Times the round trip of the data before `end`, unless other data is being timed. */
  time(end: number, now: number): void {
    if (this.#timedEnd >= 0) return;
    this.#timedEnd = end;
    this.#timedAt = now;
  }

  /** Data was sent again: its acknowledgement says nothing about the round trip (Karn). */
  spoil(): void {
    this.#timedEnd = -1;
  }

  /** Everything before `ack` has arrived. */
  acknowledged(ack: number, now: number): void {
    this.attempts = 0;
    if (this.#timedEnd < 0 || ack < this.#timedEnd) return;
    this.#timedEnd = -1;
    this.#measured(now - this.#timedAt);
  }

  #measured(roundTrip: number): void {
    if (this.#smoothed === 0) {
      this.#smoothed = roundTrip;
      this.#variation = Math.floor(roundTrip / 2);
    } else {
      const off = Math.abs(this.#smoothed - roundTrip);
      this.#variation = Math.floor((3 * this.#variation + off) / 4);
      this.#smoothed = Math.floor((7 * this.#smoothed + roundTrip) / 8);
    }
    const { minTimeout, maxTimeout } = this.#numbers;
    const margin = Math.max(minTimeout, 4 * this.#variation);
    this.#timeout = Math.min(this.#smoothed + margin, maxTimeout);
  }
}
