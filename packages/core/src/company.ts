import type { PollTally } from './poll-stats.ts';
import { PLENTY } from './ready-list.ts';
import type { Selector } from './selector.ts';

/** The most answers in a row by one guess: fewer than a whole run of answers. */
const LONGEST = 32;

/**
 * Decides whether a source that is ready waits for company: for others, or for more of its own, that come in the same turn of the host's
 * loop, so that one answer serves them all. It does not once there are plenty.
 *
 * Waiting for the end of the turn costs more than the answer where nobody comes, and where somebody does, less than another
 * answer. So it guesses. A turn that was waited for and brought several events says that waiting is right. One that brought a single event says
 * nothing, since a socket that received ten datagrams meanwhile is one event: so the guess is tested in a turn in which every answer is given at
 * once, and counted. Each test that says the same as the one before doubles the number of answers until the next.
 */
export class Company {
  readonly #selector: Selector;
  readonly #tally: PollTally;
  readonly #answer: () => void;
  /** The guess: what is ready in one turn is answered together. */
  #together = true;
  /** Answers by this guess until it is tested. */
  #left = 1;
  #leftBefore = 1;
  #settling = false;
  #testing = false;
  #answersInTurn = 0;
  #eventsBefore = 0;

  /** @param answer called at the end of a turn that was waited for. */
  constructor(selector: Selector, tally: PollTally, answer: () => void) {
    this.#selector = selector;
    this.#tally = tally;
    this.#answer = answer;
  }

  /**
   * Whether the answer waits for others.
   *
   * @param waiting how many are ready.
   */
  awaited(waiting: number): boolean {
    if (this.#selector.settle === undefined) return false;
    if (this.#settling) {
      this.#answersInTurn++;
      return !this.#testing && waiting < PLENTY;
    }
    if (waiting >= PLENTY) return false;
    if (this.#left > 0 && !this.#together) {
      this.#left--;
      return false;
    }
    this.#settling = true;
    this.#testing = this.#left === 0;
    this.#answersInTurn = 1;
    this.#eventsBefore = this.#tally.events;
    this.#selector.settle(this.#onSettled);
    return !this.#testing;
  }

  readonly #onSettled = (): void => {
    this.#settling = false;
    if (this.#testing) {
      this.#guess(this.#answersInTurn > 1);
      return;
    }
    this.#answer();
    if (this.#tally.events - this.#eventsBefore > 1) this.#left = LONGEST;
    else this.#left--;
  };

  #guess(together: boolean): void {
    const twice = Math.min(2 * this.#leftBefore, LONGEST);
    this.#leftBefore = this.#together === together ? twice : 1;
    this.#left = this.#leftBefore;
    this.#together = together;
  }
}
