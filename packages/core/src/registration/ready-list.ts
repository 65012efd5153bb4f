import { type Events, isFull, pushEvent, type Reported } from '../events.ts';
import type { Ready } from './ready.ts';

/** The key of the method that takes what a source has to report. */
export const take: unique symbol = Symbol.for('evloop.take');

/** The key of the `QueueEntry` of a source. */
export const queueEntry: unique symbol = Symbol.for('evloop.queueEntry');

/** A registration that can stand in a {@link ReadyList}. */
export interface Queued extends Reported {
  readonly [queueEntry]: QueueEntry;
  /** Takes what is to be reported, or 0 when it was withdrawn meanwhile. */
  [take](): Ready;
}

/**
 * Where a source stands in the queue of a {@link ReadyList}. A source has one for its whole life.
 *
 * Its members have names, unlike those of the source: what each event touches is found faster so.
 */
export class QueueEntry {
  readonly source: Queued;
  /** The list in whose queue it stands. */
  list: ReadyList | undefined = undefined;
  /** Where it stands there. */
  place = 0;

  constructor(source: Queued) {
    this.source = source;
  }
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
  #queue: (QueueEntry | undefined)[] = [];
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
  add(entry: QueueEntry): void {
    if (entry.list === this) return;
    entry.list = this;
    entry.place = this.#base + this.#tail;
    this.#queue[this.#tail++] = entry;
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

  #begin(queue: (QueueEntry | undefined)[]): void {
    this.#queue = queue;
    this.#head = 0;
    this.#tail = 0;
    this.#base = 0;
  }
}
