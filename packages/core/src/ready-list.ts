import type { Events } from './events.ts';
import type { Readiness } from './readiness.ts';

/**
 * The queue of user-space sources that have something to report to one poll, first come, first served.
 *
 * A source stands in it at most once, however often it becomes ready; what it has to say is merged. A source
 * that was taken and becomes ready again goes to the end, so that a busy one cannot starve the others when `Events`
 * is small. One that moves to another poll while it stands here leaves its place behind, which is passed over, also when it has come back.
 */
export class ReadyList {
  #queue: Readiness[] = [];
  #head = 0;
  /** The place of the queue's first element. */
  #base = 0;
  readonly #onReady: () => void;

  /** @param onReady called when a source is added to an empty list: wakes a pending poll. */
  constructor(onReady: () => void) {
    this.#onReady = onReady;
  }

  /** Whether nothing stands in the queue. What stands there may have been withdrawn. */
  get empty(): boolean {
    return this.#head === this.#queue.length;
  }

  /** Queues a source, unless it stands in the queue. */
  add(readiness: Readiness): void {
    if (readiness.queue === this) return;
    readiness.queue = this;
    readiness.place = this.#base + this.#queue.length;
    this.#queue.push(readiness);
    if (this.#queue.length - this.#head === 1) this.#onReady();
  }

  /** Moves events into `events` until it is full or everybody who stands here now was asked. Those of `Mode.LEVEL` queue again meanwhile. */
  drainInto(events: Events): void {
    const end = this.#queue.length;
    while (this.#head < end && !events.full) {
      const readiness = this.#queue[this.#head] as Readiness;
      const place = this.#base + this.#head;
      this.#queue[this.#head++] = undefined as never;
      if (readiness.queue !== this || readiness.place !== place) continue;
      readiness.queue = undefined;
      const ready = readiness.take();
      if (ready !== 0) events.push(readiness, ready);
    }
    this.#compact();
  }

  /** Empties the queue: its poll was closed. */
  clear(): void {
    for (let i = this.#head; i < this.#queue.length; i++) {
      const readiness = this.#queue[i] as Readiness;
      if (readiness.queue === this) readiness.queue = undefined;
    }
    this.#queue = [];
    this.#head = 0;
  }

  // Shifting an array costs its length. Moving the head costs nothing, and cutting off the used half
  // when it outweighs the rest costs a constant per element.
  #compact(): void {
    if (this.empty) {
      this.#queue.length = 0;
      this.#head = 0;
      this.#base = 0;
    } else if (this.#head > 64 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#base += this.#head;
      this.#head = 0;
    }
  }
}
