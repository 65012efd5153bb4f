import { type Events, isFull, pushEvent, type Reported } from '../events.ts';
import type { Ready } from './ready.ts';

/** The key of the method that takes what a source has to report. */
export const take: unique symbol = Symbol.for('evloop.take');

/** The key of the `QueueEntry` of a source. */
export const queueEntry: unique symbol = Symbol.for('evloop.queueEntry');

/** A registration that can be queued in a {@link ReadyList}. */
export interface Queued extends Reported {
  readonly [queueEntry]: QueueEntry;
  /** Takes what is to be reported; 0 if it was withdrawn meanwhile. */
  [take](): Ready;
}

/**
 * The place of a source in the queue of a {@link ReadyList}. A source has one for its whole life.
 *
 * Its members have plain names, not symbols: V8 finds them faster, and every event reads them.
 */
export class QueueEntry {
  readonly source: Queued;
  /** The list in whose queue it is. */
  list: ReadyList | undefined = undefined;
  /** Its place in that queue. */
  place = 0;

  constructor(source: Queued) {
    this.source = source;
  }
}

/**
 * A batch of this size is answered at once: the data of so few sources is still in the processor's
 * caches.
 */
export const PLENTY = 16;

/** The most places whose memory an emptied queue keeps. */
const KEPT = 4096;

/**
 * The queue of user-space sources that have something to report to one poll: first in, first out.
 *
 * A source is in it at most once, however often it becomes ready: its bits are merged. A source
 * that was taken and becomes ready again goes to the end. So a busy source cannot starve the others
 * when `Events` is small. A source that moves to another poll while it is queued leaves its place
 * empty, and the list skips it, even if the source has come back.
 */
export class ReadyList {
  /** How often a registered source has reported a condition, including repeated ones. */
  news = 0;
  #queue: (QueueEntry | undefined)[] = [];
  #head = 0;
  #tail = 0;
  /** The place number of the queue's first element. */
  #base = 0;
  readonly #onReady: (waiting: number) => void;

  /**
   * @param onReady called when the first and when the sixteenth ({@link PLENTY}) waiting source is
   *   added: it wakes a pending poll.
   */
  constructor(onReady: (waiting: number) => void) {
    this.#onReady = onReady;
  }

  /** Whether the queue is empty. Entries in it may have been withdrawn. */
  get empty(): boolean {
    return this.#head === this.#tail;
  }

  /** Queues a source, unless it is queued already. */
  add(entry: QueueEntry): void {
    if (entry.list === this) return;
    entry.list = this;
    entry.place = this.#base + this.#tail;
    this.#queue[this.#tail++] = entry;
    const waiting = this.#tail - this.#head;
    if (waiting === 1 || waiting === PLENTY) this.#onReady(waiting);
  }

  /**
   * Moves events into `events`, until it is full or every source that is queued now was asked.
   * Sources in `Mode.LEVEL` are queued again at the end.
   */
  drainInto(events: Events): void {
    const end = this.#tail;
    while (this.#head < end && !events[isFull]) {
      const entry = this.#queue[this.#head] as QueueEntry;
      const place = this.#base + this.#head;
      this.#queue[this.#head++] = undefined;
      if (entry.list !== this || entry.place !== place) continue;
      entry.list = undefined;
      const { source } = entry;
      const ready = source[take]();
      if (ready !== 0) events[pushEvent](source, ready);
    }
    this.#compact();
  }

  /** Empties the queue: its poll was closed. */
  clear(): void {
    for (let i = this.#head; i < this.#tail; i++) {
      const entry = this.#queue[i] as QueueEntry;
      if (entry.list === this) entry.list = undefined;
    }
    this.#begin([]);
  }

  // Shifting an array costs its length. Moving the head costs nothing. Cutting off the used part
  // when it outweighs the rest costs a constant per element. An empty queue starts again in the
  // same memory.
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

  #begin(queue: (QueueEntry | undefined)[]): void {
    this.#queue = queue;
    this.#head = 0;
    this.#tail = 0;
    this.#base = 0;
  }
}
