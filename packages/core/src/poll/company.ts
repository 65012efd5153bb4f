import { PLENTY, type ReadyList } from '../registration/ready-list.ts';
import type { Selector } from '../selector.ts';

/** The most answers in a row that do not wait: fewer than a whole run of answers. */
const LONGEST = 32;

/**
 * Decides whether a source that is ready waits for company: for others, or for more of its own, that come in the same turn of the host's
 * loop, so that one answer serves them all. It does not once there are plenty.
 *
 * Waiting for the end of the turn costs more than the answer where nobody comes. So each turn that was waited for and brought no more news
 * doubles the number of answers after it that do not wait, and one that brought some ends it. News are counted and not events, since a socket
 * that received ten datagrams is one event; and only in turns that were waited for, since an answer that was given at once may
 * itself be the reason for what comes next.
 */
export class Company {
  readonly #selector: Selector;
  readonly #readyList: ReadyList;
  readonly #answer: () => void;
  #settling = false;
  #newsBefore = 0;
  #alone = 0;
  #left = 0;

  /** @param answer called at the end of a turn that was waited for. */
  constructor(selector: Selector, readyList: ReadyList, answer: () => void) {
    this.#selector = selector;
    this.#readyList = readyList;
    this.#answer = answer;
  }

  /**
   * Whether the answer waits for others. Called when there is news.
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
    this.#newsBefore = this.#readyList.news;
    selector.settle(this.#onSettled);
    return true;
  }

  readonly #onSettled = (): void => {
    this.#settling = false;
    const lone = this.#readyList.news === this.#newsBefore;
    this.#answer();
    this.#alone = lone ? Math.min(Math.max(2 * this.#alone, 1), LONGEST) : 0;
    this.#left = this.#alone;
  };
}
