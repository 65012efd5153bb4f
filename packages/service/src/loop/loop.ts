import {
  type Backend,
  type BlockingPoll,
  type Event,
  Events,
  type Interest,
  type Poll,
  type Source,
  Token,
  Waker,
} from '@evloop/core';
import { EvloopError } from '@evloop/core/backend';
import { Deadlines } from '../deadlines/deadlines.ts';
import { type Attachment, CallbackAttachment } from './attachment.ts';
import { AttachmentTable } from './attachment-table.ts';
import { type Clock, hostClock } from './clock.ts';
import { Deferred } from './deferred.ts';
import { hostTurn } from './host-turn.ts';
import { checkBlocking, checkMs, type LoopOptions, type RunOptions } from './loop-options.ts';
import { LoopWaker } from './loop-waker.ts';
import { bitsOf, QueuedEvent } from './ready-bits.ts';
import { type Runnable, RunQueue } from './run-queue.ts';
import type { Step } from './step.ts';

/** The clock is asked once for so many callbacks. */
const CALLBACKS_PER_CHECK = 16;
const WAKER = Token(0);

/**
 * Waits for the sources of a program and calls what belongs to them, fairly and in bounded turns.
 *
 * A poll has one caller. So everything that shares a poll shares its loop: servers, relays,
 * connection attempts and the program's own sources.
 *
 * One turn handles a whole batch of events, then the deadlines that have passed, then the work that
 * was queued before. After `turnMs` the rest moves to the queue, and the loop polls again first.
 *
 * @example
 * ```ts
 * import { Interest, UdpSocket } from '@evloop/net';
 * import * as backend from '@evloop/net';
 * import { Loop } from '@evloop/service';
 *
 * const loop = new Loop(backend);
 * const socket = await UdpSocket.bind('127.0.0.1:0');
 * loop.attach(socket, Interest.READABLE, () => console.log(socket.recv(new Uint8Array(1500))));
 * await loop.run();
 * ```
 */
export class Loop {
  /** The backend given to the constructor. */
  readonly backend: Backend;
  /** The poll that the loop waits with. Only the loop calls its `poll`. */
  readonly poll: Poll;
  /** The deadlines of this loop. They run on its turns. */
  readonly deadlines: Deadlines;
  /** The clock of the deadlines. */
  readonly clock: Clock;
  readonly #blocking: BlockingPoll | undefined;
  readonly #sliceMs: number;
  readonly #turnMs: number;
  readonly #events: Events;
  readonly #waker: Waker;
  readonly #queue = new RunQueue();
  readonly #event = new QueuedEvent();
  readonly #attachments = new AttachmentTable();
  #state: 'idle' | 'running' = 'idle';
  #stopping = false;
  #waiting = false;
  #yielding = false;
  #callbacks = 0;
  #turnEnd = Infinity;

  /**
   * @throws RangeError: an option is out of range. `EVLOOP_UNSUPPORTED`: `blocking` is true and the
   * backend cannot block the thread.
   */
  constructor(backend: Backend, options: LoopOptions = {}) {
    const { blocking = false, batch = 256, clock = hostClock } = options;
    this.#sliceMs = checkMs('sliceMs', options.sliceMs ?? 100);
    this.#turnMs = checkMs('turnMs', options.turnMs ?? 2);
    this.#events = new Events(batch);
    this.backend = backend;
    this.poll = options.poll ?? new backend.Poll();
    this.clock = clock;
    this.#blocking = blocking ? checkBlocking(this.poll) : undefined;
    this.deadlines = new Deadlines(clock, () => this.#nudge());
    this.#waker = new Waker(this.poll.registry, WAKER);
  }

  /** The number of sources that are attached. */
  get size(): number {
    return this.#attachments.size;
  }

  /**
   * Registers `source` and calls `onReady` for its events. What `onReady` throws ends `run`.
   *
   * @throws what `Registry.register` throws.
   */
  attach(source: Source, interest: Interest, onReady: (event: Event) => void): Attachment {
    const attachment = new CallbackAttachment(this, source, interest, onReady);
    attachment.attach();
    return attachment;
  }

  /**
   * Makes a waker that calls `onWake` on a turn of the loop. Other threads wake it through its
   * `handle()`.
   *
   * @throws `EVLOOP_CLOSED`: the loop is closed.
   */
  addWaker(onWake: () => void): LoopWaker {
    return new LoopWaker(this, onWake);
  }

  /** Calls `step` on the next turn, and on later turns for as long as it answers `'again'`. */
  defer(step: Step): void {
    this.enqueue(new Deferred(this.#queue, step));
  }

  /**
   * Runs the loop until `stop` is called.
   *
   * @returns a promise that rejects with what a callback throws, or with the reason of the signal.
   * The loop may run again: the batch is not lost. `EVLOOP_BUSY`, `EVLOOP_CLOSED`: it cannot run.
   */
  async run({ signal }: RunOptions = {}): Promise<void> {
    if (this.#state === 'running') throw new EvloopError('EVLOOP_BUSY', 'the loop is running');
    if (signal?.aborted) throw signal.reason;
    const abort = () => this.stop();
    signal?.addEventListener('abort', abort);
    this.#state = 'running';
    try {
      if (this.#blocking === undefined) await this.#runBesideHost();
      else await this.#runBlocking(this.#blocking);
    } finally {
      this.#state = 'idle';
      this.#stopping = false;
      signal?.removeEventListener('abort', abort);
    }
    if (signal?.aborted) throw signal.reason;
  }

  /** Ends `run` after the current turn. Called before `run`, it ends the next `run` at once. */
  stop(): void {
    this.#stopping = true;
    this.#nudge();
  }

  /** A running loop keeps the process alive: the initial state. */
  ref(): void {
    this.poll.ref();
  }

  /** Lets the process end although the loop is running. */
  unref(): void {
    this.poll.unref();
  }

  /** Closes the poll. Sources stay open. Does nothing the second time. */
  close(): void {
    this.#waker.close();
    this.poll.close();
  }

  /** The same as `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** For attachments: adds to the queue of work. */
  enqueue(item: Runnable): void {
    this.#queue.add(item);
    this.#nudge();
  }

  /** For what settles promises: lets the host's loop turn after this turn, so that they go on. */
  yieldToHost(): void {
    this.#yielding = true;
  }

  /** For attachments: returns a token of their own. */
  reserve(attachment: Attachment): Token {
    return this.#attachments.add(attachment);
  }

  /** For attachments: gives a token back. */
  release(token: Token): void {
    this.#attachments.remove(token);
  }

  /** For attachments: an event that shows what is pending, during one call. */
  pendingEvent(attachment: Attachment, token: Token): Event {
    const bits = attachment.pending;
    attachment.pending = 0;
    return this.#event.show(token, bits);
  }

  async #runBesideHost(): Promise<void> {
    while (!this.#stopping) {
      this.#waiting = true;
      try {
        await this.poll.poll(this.#events, this.#timeout());
      } finally {
        this.#waiting = false;
      }
      this.#turn();
    }
  }

  // pollSync blocks the thread: while it does, no timer, promise or signal handler of the process
  // runs. So the host's loop turns once between two slices, and when a promise was settled.
  async #runBlocking(poll: BlockingPoll): Promise<void> {
    const isEndless = this.#sliceMs === Infinity;
    while (!this.#stopping) {
      // Slices are for the host, and so in its time.
      let now = isEndless ? 0 : hostClock.now();
      const end = now + this.#sliceMs;
      this.#yielding = false;
      do {
        const timeout = this.#timeout();
        const isBounded = !isEndless && (timeout === null || timeout > end - now);
        poll.pollSync(this.#events, isBounded ? end - now : timeout);
        this.#turn();
        if (!isEndless) now = hostClock.now();
      } while (!this.#stopping && !this.#yielding && now < end);
      await hostTurn();
    }
  }

  #timeout(): number | null {
    return this.#queue.length > 0 ? 0 : this.deadlines.nextTimeout();
  }

  #turn(): void {
    this.deadlines.beginBatch();
    try {
      this.#callbacks = 0;
      // A turn with few callbacks is short: it needs no clock.
      const count = this.#events.length + this.#queue.length;
      this.#turnEnd = count < CALLBACKS_PER_CHECK ? Infinity : this.deadlines.now + this.#turnMs;
      // Events come first: a connection whose bytes have waited in the kernel was not idle.
      this.#handleBatch();
      this.deadlines.expire();
      this.#handleQueue();
    } finally {
      this.deadlines.endBatch();
    }
  }

  #handleBatch(): void {
    const events = this.#events;
    const { list } = this.#attachments;
    const count = events.length;
    let i = 0;
    try {
      while (i < count) {
        const event = events.at(i++);
        if (event === undefined) continue;
        const attachment = list[event.token];
        if (attachment === undefined) continue;
        if (attachment.queued) attachment.pending |= bitsOf(event);
        else attachment.onReady(event);
        if (this.#overdue()) break;
      }
    } finally {
      while (i < count) this.#postpone(events.at(i++));
      events.clear();
    }
  }

  #postpone(event: Event | undefined): void {
    if (event === undefined) return;
    const attachment = this.#attachments.list[event.token];
    if (attachment === undefined) return;
    attachment.pending |= bitsOf(event);
    this.#queue.add(attachment);
  }

  #handleQueue(): void {
    // What is added meanwhile has its turn after the next poll.
    for (let left = this.#queue.length; left > 0; left--) {
      this.#queue.take().run();
      if (this.#overdue()) return;
    }
  }

  #overdue(): boolean {
    if (++this.#callbacks % CALLBACKS_PER_CHECK !== 0) return false;
    return this.clock.now() > this.#turnEnd;
  }

  /** Ends a pending `poll`, so that the loop sees what has changed. */
  #nudge(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#waker.wake();
  }
}
