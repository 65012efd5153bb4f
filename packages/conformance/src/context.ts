import assert from 'node:assert/strict';
import {
  type Backend,
  type Event,
  Events,
  type Interest,
  isBlocking,
  type ListenerSocket,
  type Poll,
  type Registry,
  type SocketAddress,
  type Source,
  type StreamSocket,
  type TcpBindOptions,
  type TcpConnectOptions,
  type TcpListener,
  type TcpStream,
  type Token,
  WouldBlock,
} from '@evloop/core';
import type { FullTable } from './descriptor-table.ts';
import { R, T, W } from './shorthand.ts';
import type { SuiteClock, SuiteSettings, Timing } from './suite-options.ts';

/** A copy of an event. It stays valid after the next poll. */
export type Seen = { -readonly [Property in keyof Event]: Event[Property] };

/**
 * A connection: the client's end, the accepted end, and the listener. None of them is registered.
 */
export interface Connection {
  readonly listener: TcpListener;
  readonly client: TcpStream;
  readonly server: TcpStream;
}

interface Closable {
  close(): void;
}

/** The tools of one test: a new poll, and sockets that are closed when the test ends. */
export class Context {
  readonly server: Backend;
  readonly client: Backend;
  readonly poll: Poll;
  readonly timing: Timing;
  readonly clock: SuiteClock;
  /**
   * Set by tests that give several sources one token. In other tests, a token that occurs twice in
   * a batch is a duplicate.
   */
  sharedTokens = false;
  readonly #suite: SuiteSettings;
  readonly #events = new Events(64);
  readonly #opened: Closable[] = [];

  constructor(suite: SuiteSettings) {
    this.#suite = suite;
    this.server = suite.server;
    this.client = suite.client;
    this.timing = suite.timing;
    this.clock = suite.clock;
    this.poll = this.newPoll();
  }

  get registry(): Registry {
    return this.poll.registry;
  }

  /** Makes another poll. */
  newPoll(): Poll {
    return this.own(new this.#suite.waiting.Poll());
  }

  /** Closes `thing` when the test ends. */
  own<T extends Closable>(thing: T): T {
    this.#opened.push(thing);
    return thing;
  }

  register(source: Source, token: Token, interest: Interest): void {
    this.registry.register(source, token, interest);
  }

  async listen(address = '127.0.0.1:0', options?: TcpBindOptions): Promise<TcpListener> {
    return this.own(await this.server.TcpListener.bind(address, options));
  }

  /**
   * Accepts the waiting connection. An unreferenced one would be closed when it is
   * garbage-collected.
   */
  accept(listener: TcpListener): TcpStream {
    const stream = listener.accept();
    assert.ok(stream !== WouldBlock, 'a connection waits');
    return this.own(stream);
  }

  connect(to: TcpListener | SocketAddress | string, options?: TcpConnectOptions): TcpStream {
    const address = typeof to === 'object' && 'localAddr' in to ? to.localAddr() : to;
    return this.own(this.client.TcpStream.connect(address, options));
  }

  /** Makes a connection between the two backends. */
  async pair(to?: TcpListener): Promise<Connection> {
    const listener = to ?? (await this.listen());
    const client = this.connect(listener);
    const server = await this.establish(listener, client);
    return { listener, client, server };
  }

  /**
   * Waits until `client` is connected and `listener` has accepted it. Registers both with a poll of
   * its own meanwhile.
   */
  async establish<Stream extends StreamSocket<unknown>>(
    listener: ListenerSocket<Stream, unknown>,
    client: StreamSocket<unknown>,
  ): Promise<Stream> {
    const poll = this.newPoll();
    poll.registry.register(listener, T[0], R);
    poll.registry.register(client, T[1], W);
    let accepted: Stream | WouldBlock = WouldBlock;
    const done = (): boolean => {
      // Until WouldBlock, so that the listener is idle afterwards.
      for (let it = listener.accept(); it !== WouldBlock; it = listener.accept()) accepted = it;
      return client.finishConnect() === true && accepted !== WouldBlock;
    };
    await this.until('the connection is established', done, poll);
    poll.close();
    return this.own(accepted as unknown as Stream);
  }

  /** Polls once, in the suite's mode, and fills `events`. */
  async pollOnce(
    events: Events,
    timeoutMs: number | null,
    poll: Poll = this.poll,
  ): Promise<number> {
    if (this.#suite.mode === 'async')
      return this.#checked(await poll.poll(events, timeoutMs), events);
    assert.ok(isBlocking(poll));
    const valid = timeoutMs === null || (typeof timeoutMs === 'number' && timeoutMs >= 0);
    if (!this.#foreign || !valid) {
      return this.#checked(poll.pollSync(events, timeoutMs), events);
    }
    // The other backend lives on the host's loop, which stands still while the thread blocks.
    const deadline = this.clock.now() + (timeoutMs ?? Infinity);
    while (true) {
      const remaining = deadline - this.clock.now();
      await this.turn();
      const count = poll.pollSync(events, Math.max(0, Math.min(1, remaining)));
      if (count > 0 || remaining <= 0) return this.#checked(count, events);
    }
  }

  /**
   * Returns the backend's own answer, so that the code after `await` is its direct continuation.
   * The other methods add microtasks.
   */
  pollDirectly(events: Events, timeoutMs: number): Promise<number> | number {
    const { poll } = this;
    if (this.#suite.mode === 'async' || this.#foreign) return poll.poll(events, timeoutMs);
    assert.ok(isBlocking(poll));
    return poll.pollSync(events, timeoutMs);
  }

  /** Polls once and returns copies of the events. */
  async wait(timeoutMs: number | null, poll: Poll = this.poll): Promise<Seen[]> {
    await this.pollOnce(this.#events, timeoutMs, poll);
    return Array.from(this.#events, copy);
  }

  /** Polls and ignores the events until `condition` holds. */
  async until(what: string, condition: () => boolean, poll: Poll = this.poll): Promise<void> {
    const deadline = this.clock.now() + this.timing.patienceMs;
    while (!condition()) {
      assert.ok(this.clock.now() < deadline, `in ${this.timing.patienceMs} ms: ${what}`);
      await this.wait(2, poll);
    }
  }

  /** Returns the promise. Fails if it does not settle in time. */
  async within<T>(
    what: string,
    promise: Promise<T>,
    limitMs: number = this.timing.patienceMs,
  ): Promise<T> {
    let timer: unknown;
    const late = new Promise<never>((_, reject) => {
      const message = `in ${limitMs} ms: ${what}`;
      timer = this.clock.setTimeout(() => reject(new assert.AssertionError({ message })), limitMs);
    });
    return Promise.race([promise, late]).finally(() => this.clock.clearTimeout(timer));
  }

  /** Waits for one turn of the host's loop, including timers and I/O. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.clock.setTimeout(resolve, 0);
    });
  }

  /**
   * Lets `quietMs` pass and the loop turn once more, so that what was due by then has happened also
   * on a busy machine.
   */
  async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.clock.setTimeout(resolve, this.timing.quietMs);
    });
    await this.turn();
  }

  close(): void {
    for (const thing of this.#opened.reverse()) thing.close();
  }

  /** Fills the descriptor table, until the test ends. */
  async fullTable(): Promise<FullTable> {
    return this.own(await this.#suite.descriptors.full(() => this.turn()));
  }

  get #foreign(): boolean {
    return !this.server.supports.pollSync || !this.client.supports.pollSync;
  }

  /** Checks what holds for every poll in every test. */
  #checked(count: number, events: Events): number {
    assert.equal(count, events.length, 'poll answers the number of events');
    assert.ok(count <= events.capacity, 'poll keeps to the capacity');
    const tokens = Array.from(events, (event) => event.token);
    if (this.sharedTokens || new Set(tokens).size === tokens.length) return count;
    assert.fail(`one source yields one event per poll, but the tokens were ${tokens.join(', ')}`);
  }
}

/** Copies an event. */
export function copy(event: Event): Seen {
  const { token, readable, writable, error, readClosed, writeClosed, priority } = event;
  return { token, readable, writable, error, readClosed, writeClosed, priority };
}
