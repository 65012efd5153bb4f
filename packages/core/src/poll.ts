import { type Channel, openChannel } from './diagnostics/channel.ts';
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
  /** To be looked at at once: it is the program's. */
  readonly events: Events;
  /** What `poll.stats()` says. */
  readonly stats: PollStats;
}

const polls: Channel<PollMessage> = openChannel('evloop:poll');

/**
 * Waits until registered sources are ready, and reports them.
 *
 * A program holds a poll, registers sources with a token and an interest, polls, and does its own
 * non-blocking I/O on what is reported, until `WouldBlock`. Each backend exports its own `Poll`,
 * which is this class with that backend's {@link Selector}, so that changing the import changes the
 * backend.
 *
 * ## The rules
 *
 * 1. **Edge-triggered.** After an event, repeat the operation until it answers `WouldBlock`. Only
 *    that re-arms, and only the direction that blocked. More data that arrives before may be
 *    reported again, or not: do not rely on either. A short read re-arms nothing. An event never
 *    promises success.
 * 2. **Registering and reregistering report current readiness** as an edge, also with the same
 *    arguments.
 * 3. **Close and error are edges of their own**, delivered whatever the interest. See {@link Event}
 *    for the rule of what to try.
 * 4. **One source, one event per poll**, its bits merged. What exceeds the capacity of `Events`
 *    comes with the next poll, and no source starves. The order within a batch means nothing.
 * 5. **No stale events**: see {@link Events}.
 * 6. **Timeouts never fire early.** They are minima: a busy machine makes them longer.
 * 7. **Changes during a pending poll take part in it**: registrations, user-space readiness, wakes.
 *
 * ## One poll at a time
 *
 * A `Poll` has one pending `poll` at most. It belongs to the thread that made it, and so do its
 * sources.
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

  /**
   * Backends call this with their selector; programs use the `Poll` of a backend, which takes no
   * argument.
   */
  constructor(selector: Selector) {
    this.#selector = selector;
    this.#readyList = new ReadyList((waiting) => this.#schedule.onReady(waiting));
    this.registry = new Registry(selector, this.#readyList);
    this.#schedule = new Schedule(selector, this.#readyList, {
      answer: () => this.#answer(),
      remaining: () => this.#wait?.remaining(selector.now()) ?? null,
      fail: (error) => this.#end()?.reject(error),
    });
  }

  /**
   * Fills `events` with what is ready, and resolves to how many there are.
   *
   * `events` is cleared first, also when the call then fails. With something ready it resolves in
   * the same turn of the host's loop; after a bounded run of such answers (64, or 2 ms) it lets the
   * loop turn once, so that timers, promises and other I/O of the process go on under any flood.
   *
   * @param timeoutMs the longest time to wait, in milliseconds, fractions allowed, any size. 0 asks
   *   without waiting. `null`, `undefined` and `Infinity` wait for ever. It is rounded up, and
   *   never fires early.
   * @returns the number of events; 0 exactly when the time is up. While it waits it keeps the
   *   process alive, unless `unref()`. Rejects with `EVLOOP_CLOSED` when the poll is closed, before
   *   or during the wait; `EVLOOP_BUSY` when another `poll` is pending; RangeError or TypeError for
   *   invalid arguments; the signal's reason when it aborts.
   */
  poll(events: Events, timeoutMs?: number | null, options?: PollOptions): Promise<number> {
    try {
      const timeout = this.begin(events, timeoutMs);
      const signal = checkSignal(options?.signal);
      if (signal?.aborted) throw signal.reason;
      const { turnDue } = this.#schedule;
      if (!turnDue) {
        const count = this.collect(events);
        const asked = timeout === 0 && this.#selector.asks;
        if (count > 0 || asked) {
          this.#schedule.answeredNow();
          if (count > 0) this.#tally.immediate++;
          return Promise.resolve(this.answer(events));
        }
      }
      const deadline = timeout === null ? Infinity : this.#selector.now() + timeout;
      const wait = new Wait(events, deadline, signal, this.#onAbort);
      this.#wait = wait;
      this.#schedule.wait(timeout, turnDue || timeout === 0);
      return wait.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** A pending `poll` keeps the process alive: the initial state. */
  ref(): void {
    if (!this.#closed) this.#selector.ref();
  }

  /**
   * Lets the process end although a `poll` is pending. Registered sources never keep it alive by
   * themselves.
   */
  unref(): void {
    if (!this.#closed) this.#selector.unref();
  }

  /** Whether this poll has `pollSync`: see {@link isBlocking}. */
  get blocking(): boolean {
    return false;
  }

  /**
   * This poll as a source of another one: see the backend's. @throws `EVLOOP_UNSUPPORTED` where
   * `supports.nestedPoll` is false.
   */
  asSource(): Source {
    throw unsupportedError('nested polls are not supported by this backend');
  }

  /** What this poll has done so far. A new object; allowed after `close`. */
  stats(): PollStats {
    return this.#tally.stats(this.#schedule.turns, this.#selector.descriptors);
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Ends the poll: a pending `poll` rejects with `EVLOOP_CLOSED`, and so does every later call, of
   * the registry's methods too. Sources are deregistered, not closed, and may be registered with
   * another poll. Does nothing the second time.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#schedule.end();
    this.registry[closeRegistry]();
    this.#readyList.clear();
    this.#selector.close();
    this.#end()?.reject(closedError('the poll'));
  }

  /** The same as `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * For subclasses: checks the arguments and the state, and clears `events`.
   *
   * @returns the timeout, `null` for none.
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
   * For subclasses: adds what is ready now. Kernel and user space take turns at being first, so
   * that neither can starve the other when `events` is small.
   */
  protected collect(events: Events): number {
    if (this.#userSpaceFirst) this.#readyList.drainInto(events);
    if (!events[isFull]) this.#selector.select(events);
    // Also when user space had its turn in vain: asking the kernel may have brought a wake from
    // another thread.
    if (!this.#userSpaceFirst || events.length === 0) this.#readyList.drainInto(events);
    if (events[isFull]) this.#userSpaceFirst = !this.#userSpaceFirst;
    if (!this.#readyList.empty) this.#selector.attend?.();
    return events.length;
  }

  /** For subclasses: counts an answer. @returns the number of its events. */
  protected answer(events: Events): number {
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
    this.#end()?.reject(reason);
    if (!this.#readyList.empty) this.#selector.attend?.();
  };

  /** Settles the pending poll when there is something to say, or its time is up. */
  #answer(): boolean {
    const wait = this.#wait;
    if (wait === undefined) return true;
    try {
      const count = this.collect(wait.events);
      if (count === 0 && this.#selector.now() < wait.deadline) return false;
      this.#schedule.end();
      this.#end()?.resolve(this.answer(wait.events));
    } catch (error) {
      this.#schedule.end();
      this.#end()?.reject(error);
    }
    return true;
  }

  #end(): Wait | undefined {
    const wait = this.#wait;
    this.#wait = undefined;
    wait?.end();
    return wait;
  }
}

// The type has no pollSync, so TypeScript refuses the call on backends that cannot block.
// JavaScript is told at run time.
Object.defineProperty(Poll.prototype, 'pollSync', {
  configurable: true,
  writable: true,
  value(): never {
    throw unsupportedError('pollSync is not supported by this backend: use poll');
  },
});
