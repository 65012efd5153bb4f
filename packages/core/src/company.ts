import type { PollTally } from './poll-stats.ts';
import { PLENTY } from './ready-list.ts';
import type { Selector } from './selector.ts';

/** The most answers in a row that do not wait: fewer than a whole run of answers. */
const LONGEST = 32;

/**
 * Decides whether a source that is ready waits for company: for others that become ready in the same turn of the host's loop, so that
 * one answer serves them all. It does not once there are plenty.
 *
 * Waiting for the end of the turn costs more than the answer where nobody comes. So each turn that brought one event doubles the
 * number of answers after it that do not wait, and one that brought several ends it.
 */
export class Company {
  readonly #selector: Selector;
  readonly #tally: PollTally;
  readonly #answer: () => void;
  #settling = false;
  #eventsBefore = 0;
  #alone = 0;
  #left = 0;

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
    const selector = this.#selector;
    if (selector.settle === undefined || waiting >= PLENTY) return false;
    if (this.#settling) return true;
    if (this.#left > 0) {
      this.#left--;
      return false;
    }
    this.#settling = true;
    this.#eventsBefore = this.#tally.events;
    selector.settle(this.#onSettled);
    return true;
  }

  readonly #onSettled = (): void => {
    this.#settling = false;
    this.#answer();
    const lone = this.#tally.events - this.#eventsBefore === 1;
    this.#alone = lone ? Math.min(Math.max(2 * this.#alone, 1), LONGEST) : 0;
    this.#left = this.#alone;
  };
}
