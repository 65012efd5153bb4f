const LONGEST = 64;
const LONGEST_MS = 2;

/** `#start` of a run that has not yet begun. */
const LATER = Infinity;

/**
 * A run of answers without a turn of the host's loop. It ends after so many, or after this time, so that the rest of the process goes on.
 *
 * Its time begins with the first answer that is given at once. What only waits asks no clock: that would cost as much as the rest of a short answer.
 */
export class Run {
  readonly #clock: { now(): number };
  #length = 0;
  #start = LATER;

  constructor(clock: { now(): number }) {
    this.#clock = clock;
  }

  /** The loop has turned. */
  restart(): void {
    this.#length = 0;
    this.#start = LATER;
  }

  /** A wait begins: the time that the run has taken is over, and it may yet go on. */
  wait(): void {
    this.#start = LATER;
  }

  /** Counts an answer after a wait. @returns whether the loop is due for a turn. */
  extend(): boolean {
    return ++this.#length >= LONGEST;
  }

  /** Counts an answer that is given at once. */
  goOn(): void {
    this.#length++;
    if (this.#start === LATER) this.#start = this.#clock.now();
  }

  /** Whether the loop is due for a turn. */
  get due(): boolean {
    if (this.#length >= LONGEST) return true;
    return this.#start !== LATER && this.#clock.now() - this.#start >= LONGEST_MS;
  }
}
