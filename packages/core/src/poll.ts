import { type Channel, openChannel } from './diagnostics/channel.ts';
import { type Inspect, inspectAs, inspected } from './diagnostics/inspection.ts';
import { closedError, EvloopError, unsupportedError } from './errors.ts';
import { type Events, isFull } from './events.ts';
import { checkEvents, checkSignal, checkTimeout, type PollOptions } from './poll/poll-options.ts';
import { type PollStats, PollTally } from './poll/poll-stats.ts';
import { Schedule } from './poll/schedule.ts';
import { Wait } from './poll/wait.ts';
import { ReadyList } from './registration/ready-list.ts';
import { closeRegistry, Registry } from './registry.ts';
import type { Selector } from './selector.ts';
import type { Source } from './source.ts';

/** The message of `evloop:poll`. */
export interface PollMessage {
  readonly poll: Poll;
  /** The events. Read them at once: the program owns the object and may use it again. */
  readonly events: Events;
  /** The result of `poll.stats()`. */
  readonly stats: PollStats;
}

const polls: Channel<PollMessage> = openChannel('evloop:poll');

/**
 * Waits until registered sources are ready, and reports them.
 *
 * A program holds a poll and registers sources, each with a token and an interest. It polls, then
 * does its own non-blocking I/O on the reported sources, until `WouldBlock`. Each backend exports
 * its own `Poll`: this class with that backend's {@link Selector}. So a program changes its backend
 * by changing the import.
 *
 * ## The rules
 *
 * 1. **Edge-triggered.** After an event, repeat the operation until it returns `WouldBlock`. Only
 *    `WouldBlock` re-arms, and only the direction that blocked. More data that arrives earlier may
 *    or may not be reported again: do not rely on either. A short read re-arms nothing. An event
 *    never promises success.
 * 2. **Registering and reregistering report current readiness** as an edge, also with the same
 *    arguments.
 * 3. **Close and error are edges of their own**, reported whatever the interest is. {@link Event}
 *    says what to try on each.
 * 4. **One source, one event per poll**, with its bits merged. What exceeds the capacity of
 *    `Events` comes with the next poll, and no source starves. The order within a batch has no
 *    meaning.
 * 5. **No stale events**: see {@link Events}.
 * 6. **Timeouts never fire early.** They are minimums: on a busy machine they last longer.
 * 7. **Changes during a pending poll take effect in it**: registrations, user-space readiness,
 *    wakes.
 *
 * ## One poll at a time
 *
 * A `Poll` has at most one pending `poll`. It and its sources belong to the thread that made them.
 *
 * @example
 * ```ts
 * import { Events, Interest, Poll, TcpListener, Token } from '@evloop/net';
 *
 * const poll = new Poll();
 * const listener = await TcpListener.bind('127.0.0.1:0');
 * poll.registry.register(listener, Token(0), Interest.READABLE);
 * const events = new Events(64);
 * await poll.poll(events, 100);
 * ```
 */
export class Poll {
  /** Where sources are registered with this poll. The same object for the poll's whole life. */
  readonly registry: Registry;
  readonly #selector: Selector;
  readonly #readyList: ReadyList;
  readonly #tally = new PollTally();
  readonly #schedule: Schedule;
  #closed = false;
  #wait: Wait | undefined;
  #userSpaceFirst = false;

  /** For backends, which pass their selector. Programs use the `Poll` of a backend. */
  constructor(selector: Selector) {
    this.#selector = selector;
    this.#readyList = new ReadyList((waiting) => this.#schedule.onReady(waiting));
    this.registry = new Registry(selector, this.#readyList);
    this.#schedule = new Schedule(selector, this.#readyList, {
      answer: () => this.#settle(),
      remaining: () => this.#wait?.remaining(selector.now()) ?? null,
      fail: (error) => this.#takeWait()?.reject(error),
    });
  }

  /**
   * Fills `events` with what is ready, and resolves to the number of events.
   *
   * `poll` clears `events` first, also when it then fails. If something is ready, it resolves
   * without a turn of the host's loop. After 64 such answers in a row, or 2 ms, it first lets the
   * loop turn once. So timers, promises and other I/O of the process continue under any flood.
   *
   * While `poll` waits, it keeps the process alive, unless `unref()` was called.
   *
   * @param timeoutMs the longest time to wait, in milliseconds: fractions and any size are allowed.
   *   0 checks without waiting. `null`, `undefined` and `Infinity` wait for ever. It is rounded up,
   *   and never fires early.
   * @returns the number of events; 0 only when the time is up.
   * @throws (rejects) EVLOOP_CLOSED: the poll is closed, before or during the wait. EVLOOP_BUSY:
   *   another `poll` is pending. RangeError or TypeError: an argument is invalid. The signal's
   *   reason: it aborts.
   */
  poll(events: Events, timeoutMs?: number | null, options?: PollOptions): Promise<number> {
    try {
      const timeout = this.begin(events, timeoutMs);
      const signal = checkSignal(options?.signal);
      if (signal?.aborted) throw signal.reason;
      const { turnDue } = this.#schedule;
      if (!turnDue) {
        const count = this.collect(events);
        const asked = timeout === 0 && this.#selector.asksKernel;
        if (count > 0 || asked) {
          this.#schedule.answeredNow();
          if (count > 0) this.#tally.immediate++;
          return Promise.resolve(this.countAnswer(events));
        }
      }
      const deadline = timeout === null ? Infinity : this.#selector.now() + timeout;
      const wait = new Wait(events, deadline, signal, this.#onAbort);
      this.#wait = wait;
      // A timeout of 0 gets here only if there is no kernel to ask: readiness then appears as the
      // host's loop turns.
      this.#schedule.wait(timeout, turnDue || timeout === 0);
      return wait.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Makes a pending `poll` keep the process alive: the default. */
  ref(): void {
    if (!this.#closed) this.#selector.ref();
  }

  /**
   * Lets the process end although a `poll` is pending. Registered sources alone never keep it
   * alive.
   */
  unref(): void {
    if (!this.#closed) this.#selector.unref();
  }

  /** Whether this poll has `pollSync`: see {@link isBlocking}. */
  get blocking(): boolean {
    return false;
  }

  /**
   * Returns this poll as a source that can be registered with another poll. @throws
   * EVLOOP_UNSUPPORTED: `supports.nestedPoll` is false.
   */
  asSource(): Source {
    throw unsupportedError('nested polls are not supported by this backend');
  }

  /** Returns the counters of this poll, as a new object. Allowed after `close`. */
  stats(): PollStats {
    return this.#tally.stats(this.#schedule.turns, this.#selector.descriptors);
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    const state = this.#wait === undefined ? 'open' : 'waiting';
    const { size } = this.registry;
    return inspectAs(this, { state: this.#closed ? 'closed' : state, size }, options, inspect);
  }

  /**
   * Closes the poll. A pending `poll` rejects with `EVLOOP_CLOSED`, and so does every later call,
   * also of the registry. The sources are deregistered, not closed, and can be registered with
   * another poll. A second call does nothing.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#schedule.end();
    this.registry[closeRegistry]();
    this.#readyList.clear();
    this.#selector.close();
    this.#takeWait()?.reject(closedError('the poll'));
  }

  /** The same as `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * For subclasses: checks the arguments and the state, and clears `events`.
   *
   * @returns the timeout, or `null` for no limit.
   */
  protected begin(events: Events, timeoutMs: number | null | undefined): number | null {
    checkEvents(events);
    events.clear();
    if (this.#closed) throw closedError('the poll');
    if (this.#wait !== undefined) {
      throw new EvloopError('EVLOOP_BUSY', 'another poll of this Poll is still pending');
    }
    return checkTimeout(timeoutMs);
  }

  /**
   * For subclasses: adds what is ready now. The kernel and user space take turns at being first, so
   * that neither starves the other when `events` is small.
   */
  protected collect(events: Events): number {
    if (this.#userSpaceFirst) this.#readyList.drainInto(events);
    if (!events[isFull]) this.#selector.select(events);
    // Also after user space had its turn and was empty: asking the kernel may have delivered a wake
    // from another thread.
    if (!this.#userSpaceFirst || events.length === 0) this.#readyList.drainInto(events);
    if (events[isFull]) this.#userSpaceFirst = !this.#userSpaceFirst;
    if (!this.#readyList.empty) this.#selector.attend?.();
    return events.length;
  }

  /** For subclasses: counts an answer, and returns the number of its events. */
  protected countAnswer(events: Events): number {
    const tally = this.#tally;
    tally.polls++;
    tally.events += events.length;
    if (polls.hasSubscribers) polls.publish({ poll: this, events, stats: this.stats() });
    return events.length;
  }

  /** For subclasses: whether user-space sources have something to report. */
  protected get userSpaceReady(): boolean {
    return !this.#readyList.empty;
  }

  readonly #onAbort = (): void => {
    const reason = this.#wait?.reason;
    this.#schedule.end();
    this.#takeWait()?.reject(reason);
    if (!this.#readyList.empty) this.#selector.attend?.();
  };

  /** Settles the pending `poll` if there is something to report, or if its time is up. */
  #settle(): boolean {
    const wait = this.#wait;
    if (wait === undefined) return true;
    try {
      const count = this.collect(wait.events);
      if (count === 0 && this.#selector.now() < wait.deadline) return false;
      this.#schedule.end();
      this.#takeWait()?.resolve(this.countAnswer(wait.events));
    } catch (error) {
      this.#schedule.end();
      this.#takeWait()?.reject(error);
    }
    return true;
  }

  /** Ends the pending wait, and returns it for its promise to be settled. */
  #takeWait(): Wait | undefined {
    const wait = this.#wait;
    this.#wait = undefined;
    wait?.end();
    return wait;
  }
}

// The type has no pollSync, so TypeScript rejects the call on backends that cannot block.
// JavaScript gets a clear error at run time.
Object.defineProperty(Poll.prototype, 'pollSync', {
  configurable: true,
  writable: true,
  value(): never {
    throw unsupportedError('pollSync is not supported by this backend: use poll');
  },
});
