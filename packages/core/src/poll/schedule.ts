import { PLENTY, type ReadyList } from '../registration/ready-list.ts';
import type { Selector } from '../selector.ts';

/** The most answers without a turn of the host's loop. */
const MOST_ANSWERS = 64;

/**
 * The longest time without a turn of the host's loop, from the first answer that is given at once.
 */
const LONGEST_MS = 2;

/**
 * The most answers in a row that do not wait for the end of the turn. Less than {@link
 * MOST_ANSWERS}.
 */
const MOST_EARLY = 32;

/** The value of `#since` before the first answer that is given at once. */
const NOT_YET = Infinity;

const resolved = Promise.resolve();

/** The poll, as its schedule sees it. */
export interface Answering {
  /**
   * Answers the pending `poll` if there is something to report, or if its time is up.
   *
   * @returns whether the `poll` is settled.
   */
  answer(): boolean;
  /** Returns the time that the pending `poll` has left, in milliseconds; `null` for no limit. */
  remaining(): number | null;
  /** Rejects the pending `poll`. */
  fail(error: unknown): void;
}

/**
 * Decides when a `poll` answers.
 *
 * | answer | when |
 * |---|---|
 * | at once | something is ready when the program calls `poll`, and the host's loop is not due for a turn |
 * | in a microtask | a source in user space becomes ready during a `poll`, and a batch is not expected or is large enough |
 * | at the end of the turn | a source in user space becomes ready during a `poll`, and others may follow in the same turn |
 * | after a turn | the loop was due for one, or the kernel or the clock ended the wait |
 *
 * **A turn is due** after 64 answers, or 2 ms after the first answer that was given at once. So
 * timers, promises and other I/O of the process go on under any flood. The time counts from that
 * answer, because a clock that is read for each wait costs as much as the rest of a short answer.
 *
 * **A batch is expected** unless the last turns brought nothing more. Waiting for the end of the
 * turn costs more than an answer. So each turn without more news doubles the number of answers
 * after it that do not wait, up to 32; a turn with more news sets it to 0. A large enough batch
 * ({@link PLENTY}) never waits. News are counted, not events: a socket that received ten datagrams
 * is one event. They are counted only in turns that were waited for: an answer in a microtask may
 * itself cause what comes next.
 */
export class Schedule {
  /** How often the host's loop got a turn before an answer. */
  turns = 0;
  readonly #selector: Selector;
  readonly #readyList: ReadyList;
  readonly #poll: Answering;
  #pending = false;

  // What will call this schedule next. Each flag is set from the request until the call.
  #turning = false;
  #inMicrotask = false;
  #atEndOfTurn = false;

  // Since the last turn.
  #answers = 0;
  #since = NOT_YET;

  // Whether a batch is expected.
  #newsBefore = 0;
  #early = 0;
  #earlyLeft = 0;

  constructor(selector: Selector, readyList: ReadyList, poll: Answering) {
    this.#selector = selector;
    this.#readyList = readyList;
    this.#poll = poll;
  }

  /** Whether the host's loop is due for a turn, so that the next answer comes after it. */
  get turnDue(): boolean {
    if (this.#answers >= MOST_ANSWERS) return true;
    return this.#since !== NOT_YET && this.#selector.now() - this.#since >= LONGEST_MS;
  }

  /** Counts an answer that is given at once. */
  answeredNow(): void {
    this.#answers++;
    if (this.#since === NOT_YET) this.#since = this.#selector.now();
  }

  /**
   * Begins a wait: from now on, a `poll` is pending.
   *
   * @param turnFirst whether to answer after one turn of the loop, instead of after `timeoutMs`.
   */
  wait(timeoutMs: number | null, turnFirst: boolean): void {
    this.#pending = true;
    if (turnFirst) this.#turn();
    else this.#park(timeoutMs);
  }

  /** Ends the wait: the pending `poll` is settled. */
  end(): void {
    this.#selector.unpark();
    this.#pending = false;
    this.#turning = false;
  }

  /**
   * Arranges for an answer. Call it when the first source becomes ready, and when {@link PLENTY}
   * are.
   */
  onReady(count: number): void {
    if (!this.#pending) {
      this.#selector.attend?.();
      return;
    }
    if (this.#turning || this.#inMicrotask || this.#awaitsEndOfTurn(count)) return;
    this.#inMicrotask = true;
    resolved.then(this.#onMicrotask);
  }

  #awaitsEndOfTurn(count: number): boolean {
    const selector = this.#selector;
    if (selector.settle === undefined || count >= PLENTY) return false;
    if (this.#atEndOfTurn) return true;
    if (this.#earlyLeft > 0) {
      this.#earlyLeft--;
      return false;
    }
    this.#atEndOfTurn = true;
    this.#newsBefore = this.#readyList.news;
    selector.settle(this.#onEndOfTurn);
    return true;
  }

  readonly #onMicrotask = (): void => {
    this.#inMicrotask = false;
    if (!this.#pending || this.#turning) return;
    if (++this.#answers >= MOST_ANSWERS) {
      this.#selector.unpark();
      this.#turn();
    } else {
      this.#poll.answer();
    }
  };

  readonly #onEndOfTurn = (): void => {
    this.#atEndOfTurn = false;
    const alone = this.#readyList.news === this.#newsBefore;
    if (!this.#turning) {
      this.#turned();
      this.#poll.answer();
    }
    this.#early = alone ? Math.min(Math.max(2 * this.#early, 1), MOST_EARLY) : 0;
    this.#earlyLeft = this.#early;
  };

  // The host's loop has turned: the kernel or a timer woke it, or this schedule asked for a turn.
  readonly #onUnpark = (): void => {
    this.#turning = false;
    this.#turned();
    if (!this.#poll.answer()) this.#park(this.#poll.remaining());
  };

  #turned(): void {
    this.#answers = 0;
    this.#since = NOT_YET;
  }

  #park(timeoutMs: number | null): void {
    this.#since = NOT_YET;
    try {
      this.#selector.park(timeoutMs, this.#onUnpark);
    } catch (error) {
      this.#fail(error);
    }
  }

  #turn(): void {
    this.#turning = true;
    this.turns++;
    try {
      this.#selector.turn(this.#onUnpark);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#pending = false;
    this.#turning = false;
    this.#poll.fail(error);
  }
}
