import { type Deadline, UNSET } from './deadline.ts';

/** How late a deadline in the wheel may be, in milliseconds: the time of one slot. */
export const WHEEL_QUANTUM_MS = 128;
/** A power of two. One turn of the wheel takes 65.5 s; what is due later stays for more turns. */
const SLOTS = 512;

/**
 * Deadlines by the time at which they are due, in slots of {@link WHEEL_QUANTUM_MS}: a hashed
 * timing wheel (Varghese and Lauck, 1987) with lists through the deadlines themselves.
 */
export class TimingWheel {
  readonly #slots: (Deadline | undefined)[] = new Array(SLOTS).fill(undefined);
  #size = 0;
  /** The slot of this tick was looked at last. */
  #tick = 0;
  #next = Infinity;

  /** When there is something to look at, or earlier; `Infinity` when the wheel is empty. */
  get next(): number {
    return this.#next;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a deadline under the end of the slot that its `expiry`, after `now`, is in. */
  insert(deadline: Deadline, now: number): void {
    // Nothing was looked at while the wheel was empty.
    if (this.#size++ === 0) this.#tick = Math.floor(now / WHEEL_QUANTUM_MS);
    const tick = Math.ceil(deadline.expiry / WHEEL_QUANTUM_MS);
    const slot = tick % SLOTS;
    const first = this.#slots[slot];
    deadline.due = tick * WHEEL_QUANTUM_MS;
    deadline.place = slot + 1;
    deadline.next = first;
    if (first !== undefined) first.previous = deadline;
    this.#slots[slot] = deadline;
    if (deadline.due < this.#next) this.#next = deadline.due;
  }

  /** Takes out a deadline whose `place` is in the wheel. */
  remove(deadline: Deadline): void {
    const { next, previous } = deadline;
    if (previous === undefined) this.#slots[deadline.place - 1] = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    deadline.next = undefined;
    deadline.previous = undefined;
    deadline.place = UNSET;
    if (--this.#size === 0) this.#next = Infinity;
  }

  /** Takes out those that are due at `now`, and adds them to `into`. */
  collect(now: number, into: Deadline[]): void {
    if (now < this.#next) return;
    const last = Math.floor(now / WHEEL_QUANTUM_MS);
    // Each slot once, however much time has passed.
    let tick = Math.max(this.#tick, last - SLOTS);
    while (tick < last && this.#size > 0) {
      tick += 1;
      this.#collectSlot(tick % SLOTS, now, into);
    }
    this.#tick = last;
    this.#next = this.#findNext();
  }

  #collectSlot(slot: number, now: number, into: Deadline[]): void {
    let deadline = this.#slots[slot];
    while (deadline !== undefined) {
      const { next } = deadline;
      if (deadline.due <= now) {
        this.remove(deadline);
        into.push(deadline);
      }
      deadline = next;
    }
  }

  /**
   * When the next slot that is not empty ends. What is in it may be due in a later turn of the
   * wheel.
   */
  #findNext(): number {
    if (this.#size === 0) return Infinity;
    let tick = this.#tick + 1;
    while (this.#slots[tick % SLOTS] === undefined) tick += 1;
    return tick * WHEEL_QUANTUM_MS;
  }
}
