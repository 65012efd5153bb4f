import { type Inspect, inspectAs, inspected } from './diagnostics/inspection.ts';
import type { Event } from './event.ts';
import { Ready } from './registration/ready.ts';
import type { Token } from './token.ts';

/** For selectors: the key of the method of {@link Events} that adds an event. */
export const pushEvent: unique symbol = Symbol.for('evloop.pushEvent');

/** For selectors: the key under which {@link Events} tells whether it is full. */
export const isFull: unique symbol = Symbol.for('evloop.isFull');

/** The key under which a registration counts its changes. */
export const generation: unique symbol = Symbol.for('evloop.generation');

/** The subject of an event: the part of a registration that {@link Events} needs. */
export interface Reported {
  /** The token given last. */
  readonly token: Token;
  /** Counts the changes of the registration. An event collected under an earlier count is stale. */
  readonly [generation]: number;
}

/**
 * The reusable buffer that `poll` fills with events.
 *
 * `capacity` limits what one `poll` returns, not what can be ready. The next call returns the rest,
 * and no source starves. Iterating allocates one iterator per loop and nothing per event.
 *
 * **No stale event is yielded.** A program may deregister, reregister or close a source while it
 * handles a batch. If that source's event in the same batch is still to come, the iterator skips
 * it, and {@link Events.at} returns `undefined`. Nothing is lost: reregistering reports current
 * readiness again with the next poll. So a token can be used again at once.
 *
 * One `Events` belongs to one pending `poll` at a time. A program may have several polls with an
 * `Events` each.
 *
 * @example
 * ```ts
 * const events = new Events(256);
 * await poll.poll(events);
 * for (const event of events) {
 *   if (event.token === SERVER) acceptAll();
 * }
 * ```
 */
export class Events implements Iterable<Event> {
  readonly #capacity: number;
  readonly #registrations: (Reported | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #tokens: Token[] = [];
  readonly #ready: Uint8Array;
  readonly #flyweights: Event[] = [];
  #length = 0;

  /**
   * @param capacity the most events that one `poll` returns: an integer from 1 to 2²⁴.
   * @throws RangeError: `capacity` is anything else. A buffer without room could never report
   *   anything.
   */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 0x1000000) {
      throw new RangeError(
        `invalid capacity: ${String(capacity)} (expected an integer from 1 to ${0x1000000})`,
      );
    }
    this.#capacity = capacity;
    this.#ready = new Uint8Array(capacity);
  }

  /** The most events that one `poll` returns. */
  get capacity(): number {
    return this.#capacity;
  }

  /**
   * The number of events of the last `poll`, including those that are stale by now. `at(i)` is
   * defined for each `i` below it.
   */
  get length(): number {
    return this.#length;
  }

  /**
   * Returns the event at index `i`. Returns `undefined` if it is stale: its source was
   * deregistered, reregistered or closed since the poll. Also returns `undefined` if `i` is not an
   * index below `length`.
   */
  at(i: number): Event | undefined {
    return i < this.#length && this.#fresh(i) ? this.#flyweight(i) : undefined;
  }

  /** Forgets all events. Optional: `poll` does it first, also when it then fails. */
  clear(): void {
    for (let i = 0; i < this.#length; i++) this.#registrations[i] = undefined;
    this.#length = 0;
  }

  /** Yields the events of the last `poll` in order, without those that are stale by now. */
  [Symbol.iterator](): IterableIterator<Event> {
    return new EventsIterator(this);
  }

  /** What `console.log` prints: the tokens are those of events that are not stale. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    const tokens = this.#tokens.slice(0, this.#length).filter((_, i) => this.#fresh(i));
    return inspectAs(this, { capacity: this.#capacity, tokens }, options, inspect);
  }

  /**
   * For selectors: adds an event. Call it only while a poll collects, once per registration, and
   * only while `isFull` is false.
   */
  [pushEvent](registration: Reported, ready: Ready): void {
    const i = this.#length++;
    this.#registrations[i] = registration;
    this.#generations[i] = registration[generation];
    this.#tokens[i] = registration.token;
    this.#ready[i] = ready;
  }

  /** For selectors: whether there is room for no further event. */
  get [isFull](): boolean {
    return this.#length === this.#capacity;
  }

  #fresh(i: number): boolean {
    const registration = this.#registrations[i];
    return registration !== undefined && registration[generation] === this.#generations[i];
  }

  #flyweight(i: number): Event {
    let event = this.#flyweights[i];
    if (event === undefined) {
      event = new Flyweight(this.#tokens, this.#ready, i);
      this.#flyweights[i] = event;
    }
    return event;
  }
}

class Flyweight implements Event {
  readonly #tokens: readonly Token[];
  readonly #ready: Uint8Array;
  readonly #index: number;

  constructor(tokens: readonly Token[], ready: Uint8Array, index: number) {
    this.#tokens = tokens;
    this.#ready = ready;
    this.#index = index;
  }

  get token(): Token {
    return this.#tokens[this.#index] as Token;
  }
  get readable(): boolean {
    return this.#has(Ready.READABLE);
  }
  get writable(): boolean {
    return this.#has(Ready.WRITABLE);
  }
  get error(): boolean {
    return this.#has(Ready.ERROR);
  }
  get readClosed(): boolean {
    return this.#has(Ready.READ_CLOSED);
  }
  get writeClosed(): boolean {
    return this.#has(Ready.WRITE_CLOSED);
  }
  get priority(): boolean {
    return this.#has(Ready.PRIORITY);
  }

  /**
   * Makes `console.log(event)` useful: the getters are on the prototype, so it would not show them.
   */
  toJSON(): Record<keyof Event, unknown> {
    const { token, readable, writable, error, readClosed, writeClosed, priority } = this;
    return { token, readable, writable, error, readClosed, writeClosed, priority };
  }
  [Symbol.for('nodejs.util.inspect.custom')](): unknown {
    return this.toJSON();
  }

  #has(bit: Ready): boolean {
    return ((this.#ready[this.#index] as number) & bit) !== 0;
  }
}

class EventsIterator implements IterableIterator<Event> {
  readonly #events: Events;
  // One result object serves the whole loop: `for…of` reads it before it asks for the next.
  readonly #result: { done: boolean; value: Event | undefined } = { done: false, value: undefined };
  #next = 0;

  constructor(events: Events) {
    this.#events = events;
  }

  next(): IteratorResult<Event> {
    const events = this.#events;
    while (this.#next < events.length) {
      const event = events.at(this.#next++);
      if (event !== undefined) {
        this.#result.value = event;
        return this.#result as IteratorResult<Event>;
      }
    }
    this.#result.done = true;
    this.#result.value = undefined;
    return this.#result as IteratorResult<Event>;
  }

  [Symbol.iterator](): IterableIterator<Event> {
    return this;
  }
}
