import { type Clock, hostClock } from '../loop/clock.ts';
import { CallbackDeadline, type Deadline, UNSET } from './deadline.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { TimingWheel } from './timing-wheel.ts';

/**
 * Deadlines nearer than this are kept in a heap, in milliseconds: the wheel would make them late by
 * too much.
 */
const HEAP_MS = 1000;
/** `due` of a deadline that has passed and whose `expired` was not called yet. */
const PASSED = -1;

/**
 * Deadlines by the thousand: one for each connection, and moved with each of its messages.
 *
 * A deadline never expires early. It is late by at most 1 ms when it was set less than a second
 * before, otherwise by at most 128 ms: far deadlines are kept in slots of that length. Whatever
 * delays the loop comes on top.
 *
 * `loop.deadlines` run on the turns of their loop. Others are for programs with a loop of their
 * own: wait for `nextTimeout()`, then call `expire()`.
 */
export class Deadlines {
  /** For deadlines: the time of the current batch, rounded up; -1 when it was not read yet. */
  time = -1;
  readonly #clock: Clock;
  readonly #onEarlier: () => void;
  readonly #wheel = new TimingWheel();
  readonly #heap = new DeadlineHeap();
  /** Those that have passed and whose `expired` was not called yet. */
  #passed: Deadline[] = [];
  #inBatch = false;

  /** @param onEarlier called when `nextTimeout` has become shorter. */
  constructor(clock: Clock = hostClock, onEarlier: () => void = () => {}) {
    this.#clock = clock;
    this.#onEarlier = onEarlier;
  }

  /**
   * The time that `touch` counts from, in whole milliseconds of the clock, rounded up. During a
   * batch of events it is read once; outside, each time.
   */
  get now(): number {
    return this.time < 0 ? this.readTime() : this.time;
  }

  /** The number of deadlines that are set. */
  get size(): number {
    return this.#wheel.size + this.#heap.size;
  }

  /**
   * Calls `callback` at the time `ms` of the clock.
   *
   * @throws RangeError: `ms` is not a number.
   */
  at(ms: number, callback: () => void): Deadline {
    const deadline = new CallbackDeadline(this, callback);
    deadline.moveTo(check(ms));
    return deadline;
  }

  /**
   * Calls `callback` after `ms` milliseconds, which count from now.
   *
   * @param ms a number from 0, fractions allowed; `Infinity` for never.
   * @throws RangeError: `ms` is something else.
   */
  in(ms: number, callback: () => void): Deadline {
    if (!(ms >= 0)) throw new RangeError(`invalid ms: ${ms} (expected a number from 0)`);
    return this.at(this.#clock.now() + ms, callback);
  }

  /**
   * The time until `expire` is to be called, in milliseconds from 0; `null` when no deadline is
   * set. It may be too short, and then nothing expires, but never too long.
   */
  nextTimeout(): number | null {
    if (this.#passed.length > 0) return 0;
    const next = Math.min(this.#heap.next, this.#wheel.next);
    return next === Infinity ? null : Math.max(0, next - this.#clock.now());
  }

  /**
   * Calls `expired` of each deadline that has passed, in the order of their times. When one throws,
   * the others follow with the next call.
   *
   * @returns how many have expired.
   */
  expire(): number {
    const next = Math.min(this.#heap.next, this.#wheel.next);
    // `now` is rounded up, and so may be too late by a fraction. What has passed is told by the
    // clock.
    if (next !== Infinity && this.now >= next) this.#collect(this.#clock.now());
    let count = 0;
    for (let i = 0; i < this.#passed.length; ) {
      const deadline = this.#passed[i++] as Deadline;
      // One that came before has set it again, or cancelled it.
      if (deadline.place !== UNSET || deadline.due !== PASSED) continue;
      deadline.due = 0;
      count++;
      try {
        deadline.expired();
      } catch (error) {
        this.#passed.splice(0, i);
        throw error;
      }
    }
    if (this.#passed.length > 0) this.#passed = [];
    return count;
  }

  /** For the loop: from now on, `now` is read once. */
  beginBatch(): void {
    this.#inBatch = true;
    this.time = -1;
  }

  /** For the loop: ends `beginBatch`. */
  endBatch(): void {
    this.#inBatch = false;
    this.time = -1;
  }

  /** For deadlines: reads the clock. */
  readTime(): number {
    const now = Math.ceil(this.#clock.now());
    if (this.#inBatch) this.time = now;
    return now;
  }

  /** For deadlines: files one under the time `at`. */
  file(deadline: Deadline, at: number): void {
    check(at);
    this.unfile(deadline);
    const before = Math.min(this.#heap.next, this.#wheel.next);
    this.#place(deadline, at, this.now);
    if (deadline.place !== UNSET && deadline.due < before) this.#onEarlier();
  }

  /** For deadlines: takes one out. */
  unfile(deadline: Deadline): void {
    if (deadline.place > 0) this.#wheel.remove(deadline);
    else if (deadline.place < 0) this.#heap.remove(deadline);
    deadline.due = 0;
  }

  #place(deadline: Deadline, at: number, now: number): void {
    if (at === Infinity) return;
    deadline.expiry = Math.ceil(at);
    if (at - now >= HEAP_MS) {
      this.#wheel.insert(deadline, now);
    } else {
      deadline.due = deadline.expiry;
      this.#heap.insert(deadline);
    }
  }

  #collect(now: number): void {
    const due: Deadline[] = [];
    this.#heap.collect(now, due);
    this.#wheel.collect(now, due);
    const passed: Deadline[] = [];
    for (const deadline of due) {
      deadline.due = PASSED;
      // It was touched since it was filed.
      if (deadline.expiry > now) this.#place(deadline, deadline.expiry, now);
      else passed.push(deadline);
    }
    passed.sort((a, b) => a.expiry - b.expiry);
    this.#passed = this.#passed.length === 0 ? passed : [...this.#passed, ...passed];
  }
}

function check(at: number): number {
  if (typeof at === 'number' && !Number.isNaN(at)) return at;
  throw new RangeError(`invalid time: ${at} (expected a number of milliseconds)`);
}
