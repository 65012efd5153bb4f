import { type Events, isFull, pushEvent, type Reported } from '../events.ts';
import type { Ready } from './ready.ts';

/** The key under which a source keeps the list in whose queue it stands. */
export const queue: unique symbol = Symbol.for('evloop.queue');

/** The key under which a source keeps where it stands there. */
export const place: unique symbol = Symbol.for('evloop.place');

/** The key of the method that takes what a source has to report. */
export const take: unique symbol = Symbol.for('evloop.take');

/** A registration that can stand in a {@link ReadyList}, and is changed by it. */
export interface Queued extends Reported {
  [queue]: ReadyList | undefined;
  [place]: number;
  /** Takes what is to be reported, or 0 when it was withdrawn meanwhile. */
  [take](): Ready;
}

/**
 * So many are enough for an answer: what has arrived for them is still in the processor's caches.
 */
export const PLENTY = 16;

/** An emptied queue keeps its memory, up to so many places. */
const KEPT = 4096;

/**
 * The queue of user-space sources that have something to report to one poll, first come, first
 * served.
 *
 * A source stands in it at most once, however often it becomes ready; what it has to say is merged.
 * A source that was taken and becomes ready again goes to the end, so that a busy one cannot starve
 * the others when `Events` is small. One that moves to another poll while it stands here leaves its
 * place behind, which is passed over, also when it has come back.
 */
export class ReadyList {
  /**
   * How often a registered source has said that it is ready for something, also when that was
   * known.
   */
  news = 0;
  #queue: (Queued | undefined)[] = [];
  #head = 0;
  #tail = 0;
  /** The place of the queue's first element. */
  #base = 0;
  readonly #onReady: (waiting: number) => void;

  /**
   * @param onReady called when the first and when the sixteenth ({@link PLENTY}) of those that wait
   *   is added: wakes a pending poll.
   */
  constructor(onReady: (waiting: number) => void) {
    this.#onReady = onReady;
  }

  /** Whether nothing stands in the queue. What stands there may have been withdrawn. */
  get empty(): boolean {
    return this.#head === this.#tail;
  }

  /** Queues a source, unless it stands in the queue. */
  add(readiness: Queued): void {
    if (readiness[queue] === this) return;
    readiness[queue] = this;
    readiness[place] = this.#base + this.#tail;
    this.#queue[this.#tail++] = readiness;
    const waiting = this.#tail - this.#head;
    if (waiting === 1 || waiting === PLENTY) this.#onReady(waiting);
  }

  /**
   * Moves events into `events` until it is full or everybody who stands here now was asked. Those
   * of `Mode.LEVEL` queue again meanwhile.
   */
  drainInto(events: Events): void {
    const end = this.#tail;
    while (this.#head < end && !events[isFull]) {
      const readiness = this.#queue[this.#head] as Queued;
      const at = this.#base + this.#head;
      this.#queue[this.#head++] = undefined;
      if (readiness[queue] !== this || readiness[place] !== at) continue;
      readiness[queue] = undefined;
      const ready = readiness[take]();
      if (ready !== 0) events[pushEvent](readiness, ready);
    }
    this.#compact();
  }

  /** Empties the queue: its poll was closed. */
  clear(): void {
    for (let i = this.#head; i < this.#tail; i++) {
      const readiness = this.#queue[i] as Queued;
      if (readiness[queue] === this) readiness[queue] = undefined;
    }
    this.#begin([]);
  }

  // Shifting an array costs its length. Moving the head costs nothing, and cutting off the used
  // half when it outweighs the rest costs a constant per element. An empty queue begins again in
  // the same memory.
  #compact(): void {
    if (this.empty) {
      this.#begin(this.#queue.length > KEPT ? [] : this.#queue);
    } else if (this.#head > 64 && this.#head * 2 > this.#tail) {
      this.#base += this.#head;
      this.#queue = this.#queue.slice(this.#head, this.#tail);
      this.#tail = this.#queue.length;
      this.#head = 0;
    }
  }

  #begin(queue: (Queued | undefined)[]): void {
    this.#queue = queue;
    this.#head = 0;
    this.#tail = 0;
    this.#base = 0;
  }
}
