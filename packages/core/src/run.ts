const LONGEST = 64;
const LONGEST_MS = 2;

/** A run of answers without a turn of the host's loop. It ends after so many, or after this time, so that the rest of the process goes on. */
export class Run {
  #length = 0;
  #start: number;

  constructor(now: number) {
    this.#start = now;
  }

  /** The loop has turned. */
  restart(now: number): void {
    this.#length = 0;
    this.#start = now;
  }

  /** A wait begins: the time that the run has taken is over, and it may yet go on. */
  wait(now: number): void {
    this.#start = now;
  }

  /** Counts an answer. @returns whether the loop is due for a turn. */
  extend(): boolean {
    return ++this.#length >= LONGEST;
  }

  /** Whether the loop is due for a turn. */
  due(now: number): boolean {
    return this.#length >= LONGEST || now - this.#start >= LONGEST_MS;
  }
}
