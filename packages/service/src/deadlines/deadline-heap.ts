import { type Deadline, UNSET } from './deadline.ts';

/** The `place` of the deadline at an index, and the index of a place. */
const mirrored = (number: number): number => -1 - number;

/** Deadlines in the order in which they are due: a binary heap that knows where each of them is. */
export class DeadlineHeap {
  readonly #heap: Deadline[] = [];

  /** When the first is due; `Infinity` when there is none. */
  get next(): number {
    return this.#heap[0]?.due ?? Infinity;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Adds a deadline, whose `due` is set. */
  insert(deadline: Deadline): void {
    this.#heap.push(deadline);
    this.#rise(this.#heap.length - 1, deadline);
  }

  /** Takes out a deadline whose `place` is in the heap. */
  remove(deadline: Deadline): void {
    const index = mirrored(deadline.place);
    const last = this.#heap.pop() as Deadline;
    deadline.place = UNSET;
    if (last === deadline) return;
    if (last.due < deadline.due) this.#rise(index, last);
    else this.#sink(index, last);
  }

  /** Takes out those that are due at `now`, and adds them to `into`. */
  collect(now: number, into: Deadline[]): void {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.due > now) return;
      this.remove(first);
      into.push(first);
    }
  }

  #rise(from: number, deadline: Deadline): void {
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#heap[above] as Deadline;
      if (parent.due <= deadline.due) break;
      this.#put(index, parent);
      index = above;
    }
    this.#put(index, deadline);
  }

  #sink(from: number, deadline: Deadline): void {
    const { length } = this.#heap;
    let index = from;
    for (let child = 1; ; ) {
      child = 2 * index + 1;
      if (child >= length) break;
      const right = child + 1;
      const smaller = right < length && this.#due(right) < this.#due(child) ? right : child;
      if (this.#due(smaller) >= deadline.due) break;
      this.#put(index, this.#heap[smaller] as Deadline);
      index = smaller;
    }
    this.#put(index, deadline);
  }

  #due(index: number): number {
    return (this.#heap[index] as Deadline).due;
  }

  #put(index: number, deadline: Deadline): void {
    this.#heap[index] = deadline;
    deadline.place = mirrored(index);
  }
}
