import type { Event } from './event.ts';
import { Ready } from './registration/ready.ts';
import type { Token } from './token.ts';

/** For selectors: the key of the method of {@link Events} that adds an event. */
export const pushEvent: unique symbol = Symbol.for('evloop.pushEvent');

/**
 * For selectors: the key under which {@link Events} shows whether there is no room for another
 * event.
 */
export const isFull: unique symbol = Symbol.for('evloop.isFull');

/** The key under which a registration counts its changes. */
export const generation: unique symbol = Symbol.for('evloop.generation');

/** What an event is about: a registration, as far as {@link Events} has to know it. */
export interface Reported {
  /** The token given last. */
  readonly token: Token;
  /**
   * Counts the changes of the registration. An event that was collected under another number is
   * stale.
   */
  readonly [generation]: number;
}

/**
 * The reusable buffer that `poll` fills with events.
 *
 * `capacity` is the most that one `poll` returns, not a limit of what can be ready: the rest comes
 * with the next call, and no source starves. Iterating allocates one iterator a loop and nothing
 * per event.
 *
 * **Nothing stale is yielded.** When the program deregisters, reregisters or closes a source while
 * it handles a batch, that source's event of the same batch, if it is still to come, is passed over
 * by the iterator and is `undefined` from {@link Events.at}. (Reregistering reports current
 * readiness anew with the next poll, so nothing is lost.) A token may therefore be used again at
 * once.
 *
 * One `Events` belongs to one pending `poll` at a time; several polls may use several.
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
   * @throws RangeError for anything else. (With no room nothing could ever be reported.)
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
   * The number of events of the last `poll`, those that have become stale since included. `at(i)`
   * is defined for `i` below it.
   */
  get length(): number {
    return this.#length;
  }

  /**
   * The event at index `i`, or `undefined` when it has become stale (its source was deregistered,
   * reregistered or closed since the poll) or when `i` is not an index below `length`.
   */
  at(i: number): Event | undefined {
    return i < this.#length && this.#fresh(i) ? this.#flyweight(i) : undefined;
  }

  /** Forgets all events. Never required: `poll` does it first, also when it then fails. */
  clear(): void {
    for (let i = 0; i < this.#length; i++) this.#registrations[i] = undefined;
    this.#length = 0;
  }

  /** Yields the events of the last `poll` in order, leaving out those that have become stale. */
  [Symbol.iterator](): IterableIterator<Event> {
    return new EventsIterator(this);
  }

  /**
   * For selectors: adds an event. To be called only while a poll collects, once per registration,
   * and only while `isFull` is false.
   */
  [pushEvent](registration: Reported, ready: Ready): void {
    const i = this.#length++;
    this.#registrations[i] = registration;
    this.#generations[i] = registration[generation];
    this.#tokens[i] = registration.token;
    this.#ready[i] = ready;
  }

  /** For selectors: whether there is no room for another event. */
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

  /** What `console.log(event)` prints: the getters live on the prototype and would not show. */
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
