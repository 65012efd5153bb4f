/** What a {@link RunQueue} holds. */
export interface Runnable {
  /** Whether it is in the queue. Only the queue changes it. */
  queued: boolean;
  /** Does its work. */
  run(): void;
}

/**
 * A first-in, first-out queue of work, in which each item stands once at most.
 *
 * An array and a flag per item: a `Set` rehashes, and its garbage shows in the cost of a message.
 */
export class RunQueue {
  #items: Runnable[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  /** Adds an item, unless it is in the queue. */
  add(item: Runnable): void {
    if (item.queued) return;
    item.queued = true;
    this.#items.push(item);
  }

  /** Takes the first item, which must exist. */
  take(): Runnable {
    const item = this.#items[this.#first] as Runnable;
    this.#items[this.#first++] = NOTHING;
    if (this.#first === this.#items.length) {
      this.#items.length = 0;
      this.#first = 0;
    } else if (this.#first === COMPACT_AT) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    item.queued = false;
    return item;
  }
}

/** Taken items are dropped from the array in portions of this size. */
const COMPACT_AT = 1024;
/** Stands where an item was taken, so that the array does not keep the item alive. */
const NOTHING: Runnable = { queued: false, run() {} };
