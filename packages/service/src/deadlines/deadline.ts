import type { Deadlines } from './deadlines.ts';

/** `place` of a deadline that is not set. */
export const UNSET = 0;

/**
 * A moment after which something is to be done: an idle timeout that each activity moves, or an
 * absolute deadline.
 *
 * `touch` only stores a number. The wheel still has the deadline under the earlier time; when that
 * passes, the wheel looks at the number and files the deadline again.
 *
 * `deadlines.in(ms, callback)` makes one. A program with many of them may extend this class
 * instead, which saves a closure for each: override `expired` and call `touch`.
 */
export abstract class Deadline {
  // Whole numbers, none of them infinite: V8 keeps those in the object, and others beside it.
  /** For the wheel and the heap: when it is looked at next, at most a quantum after `expiry`. */
  due = 0;
  /** For the wheel and the heap: when it expires, in milliseconds of the clock. */
  expiry = 0;
  /** For the wheel and the heap: 1 + the slot of the wheel, or -1 - the index in the heap. */
  place: number = UNSET;
  /** For the wheel: the next in the slot. */
  next: Deadline | undefined = undefined;
  /** For the wheel: the one before in the slot. */
  previous: Deadline | undefined = undefined;
  #deadlines: Deadlines | undefined;

  /** It is not set: `touch` or `moveTo` sets it. */
  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
  }

  /** Whether it is set: it has neither expired nor been cancelled. */
  get pending(): boolean {
    return this.place !== UNSET;
  }

  /**
   * Moves the deadline to `ms` milliseconds after `deadlines.now`, the time of the current batch.
   * Sets a deadline that has expired. Does nothing when it was cancelled.
   *
   * @param ms a number from 0, `Infinity` for never.
   * @throws RangeError: `ms` is not a number.
   */
  touch(ms: number): void {
    const deadlines = this.#deadlines;
    if (deadlines === undefined) return;
    const { time } = deadlines;
    const expiry = (time < 0 ? deadlines.readTime() : time) + ms;
    if (expiry >= this.due && this.place !== UNSET) this.expiry = expiry;
    else deadlines.file(this, expiry);
  }

  /** Like `touch`, to the time `at` of the clock, in milliseconds. */
  moveTo(at: number): void {
    if (at >= this.due && this.place !== UNSET) this.expiry = at;
    else this.#deadlines?.file(this, at);
  }

  /** Ends the deadline for good. Does nothing the second time. */
  cancel(): void {
    this.#deadlines?.unfile(this);
    this.#deadlines = undefined;
  }

  /** Does what is to be done when the deadline has passed. */
  abstract expired(): void;
}

/** A deadline that calls a function. */
export class CallbackDeadline extends Deadline {
  readonly #callback: () => void;

  /** @param callback called when the deadline has passed. */
  constructor(deadlines: Deadlines, callback: () => void) {
    super(deadlines);
    this.#callback = callback;
  }

  expired(): void {
    this.#callback();
  }
}
