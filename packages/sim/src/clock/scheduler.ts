import type { Decisions } from '../choice/decisions.ts';
import { hashText } from '../choice/hash.ts';
import { EventHeap, ScheduledEvent } from './event-heap.ts';

const TIE = hashText('tie');

/** Virtual time, and what will happen in it. Times are integer nanoseconds. */
export class Scheduler {
  /** The present. */
  now = 0;
  /** How many events have happened. */
  handled = 0;
  readonly #heap = new EventHeap();
  readonly #decisions: Decisions;
  #shuffle = false;
  #sequence = 0;
  #strong = 0;

  constructor(decisions: Decisions) {
    this.#decisions = decisions;
  }

  /** Lets simultaneous events happen in another order, when the seed says so. */
  shuffle(): void {
    this.#shuffle = this.#decisions.point('order of simultaneous events: changed?').choose(2) !== 0;
  }

  /** Whether an event is left that keeps the simulation going. */
  get busy(): boolean {
    return this.#strong > 0;
  }

  /**
   * Calls `fire` at `time`, which is now at the earliest.
   *
   * @param fifo keeps the order in which simultaneous events were scheduled, as one wire keeps it.
   */
  at(time: number, fire: () => void, weak = false, fifo = false): ScheduledEvent {
    const sequence = this.#sequence++;
    const tie = this.#shuffle && !fifo ? this.#decisions.number(TIE, sequence) : 0;
    const event = new ScheduledEvent(Math.max(time, this.now), tie, sequence, weak, fire);
    if (!weak) this.#strong++;
    this.#heap.push(event);
    return event;
  }

  /** Calls off an event. Does nothing when it has happened. */
  cancel(event: ScheduledEvent | undefined): void {
    if (event?.fire === undefined) return;
    event.fire = undefined;
    if (!event.weak) this.#strong--;
  }

  /** The time of the next event, or `undefined` when none is left. */
  get next(): number | undefined {
    for (;;) {
      const event = this.#heap.peek();
      if (event === undefined) return undefined;
      if (event.fire !== undefined) return event.time;
      this.#heap.pop();
    }
  }

  /** Moves time to the next event and fires it. To be called only when there is one. */
  step(): void {
    const event = this.#heap.pop() as ScheduledEvent;
    const fire = event.fire as () => void;
    event.fire = undefined;
    if (!event.weak) this.#strong--;
    this.now = event.time;
    this.handled++;
    fire();
  }
}
