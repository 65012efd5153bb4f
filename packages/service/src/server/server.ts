import type { Loop } from '../loop/loop.ts';
import type { Listener, Stream } from '../stream.ts';
import { isSystemError } from '../system-error.ts';
import { timeoutError } from '../timeout-error.ts';
import { Acceptor } from './acceptor.ts';
import { Connection } from './connection.ts';
import type { Handler } from './handler.ts';
import type { ServerCounters, ServerOptions } from './server-options.ts';

/**
 * The most that the kernel's queue of a listener holds: what is accepted before a drain closes it.
 */
const MOST_WAITING = 65535;

/**
 * Accepts the connections of some listeners, and serves them on a {@link Loop}.
 *
 * It survives its clients: a system error ends one connection, and a lack of descriptors pauses
 * accepting until there are some. The number of connections, the time that they may be idle, and
 * the memory that waits for a slow reader all have limits.
 *
 * @example
 * ```ts
 * const server = new Server(loop, [listener], (connection) => ({
 *   step: () => connection.receive(buffer, (size) => connection.send(buffer, 0, size)),
 * }), { maxConnections: 10_000, idleTimeout: 60_000 });
 * ```
 */
export class Server {
  /** The loop that the server runs on. */
  readonly loop: Loop;
  /** The options given to the constructor. */
  readonly options: ServerOptions;
  /** What has become of the connections so far. */
  readonly counters: ServerCounters = {
    accepted: 0,
    refused: 0,
    paused: 0,
    aborted: 0,
    exhausted: 0,
    failed: 0,
    timedOut: 0,
  };
  /** For connections: the idle timeout, in milliseconds; `Infinity` for none. */
  readonly idleMs: number;
  /** For acceptors: how many connections are accepted in one turn. */
  readonly acceptPerTurn: number;
  readonly #open: (connection: Connection) => Handler;
  readonly #maxConnections: number;
  readonly #closesOverload: boolean;
  readonly #told = new Set<string>();
  #acceptors: Acceptor[] = [];
  #first: Connection | undefined;
  #connections = 0;
  #paused = false;
  #drain: Drain | undefined;

  /**
   * @param listeners they belong to the server from now on.
   * @param open called with each new connection, which it may send to or detach.
   * @throws RangeError: an option is out of range. What registering a listener throws.
   */
  constructor(
    loop: Loop,
    listeners: Iterable<Listener>,
    open: (connection: Connection) => Handler,
    options: ServerOptions = {},
  ) {
    this.loop = loop;
    this.options = options;
    this.#open = open;
    this.idleMs = checkTime('idleTimeout', options.idleTimeout);
    checkTime('deadline', options.deadline);
    this.acceptPerTurn = checkCount('acceptPerTurn', options.acceptPerTurn ?? 64);
    this.#maxConnections = checkCount('maxConnections', options.maxConnections ?? Infinity);
    const { overload = 'pause' } = options;
    if (overload !== 'pause' && overload !== 'close') {
      throw new RangeError(`invalid overload: ${overload} (expected 'pause' or 'close')`);
    }
    this.#closesOverload = overload === 'close';
    for (const listener of listeners) {
      const acceptor = new Acceptor(loop, listener, this);
      acceptor.attach();
      this.#acceptors.push(acceptor);
    }
  }

  /** The number of connections that are open. */
  get connections(): number {
    return this.#connections;
  }

  /** Whether accepting is paused, since there are `maxConnections`. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Whether the server still listens. */
  get listening(): boolean {
    return this.#acceptors.length > 0;
  }

  /**
   * Stops listening, tells the handlers, and resolves when the last connection has ended. What is
   * left after `deadlineMs` milliseconds is closed.
   *
   * Connections that wait to be accepted are served: closing the listener would reset them.
   *
   * @returns how many connections had to be closed. A second call returns the promise of the first.
   */
  drain({ deadlineMs }: { readonly deadlineMs: number }): Promise<{ forced: number }> {
    if (this.#drain !== undefined) return this.#drain.promise;
    const drain = new Drain();
    this.#drain = drain;
    const deadline = this.loop.deadlines.in(deadlineMs, () => {
      drain.forced = this.#connections;
      this.#closeAll(timeoutError('the server has ended'));
    });
    drain.cancel = () => deadline.cancel();
    this.#paused = false;
    for (const acceptor of this.#acceptors) acceptor.accept(MOST_WAITING);
    this.#closeListeners();
    for (const connection of this.#list()) connection.drain();
    this.#settle();
    return drain.promise;
  }

  /** Stops listening and closes all connections now. Does nothing the second time. */
  close(): void {
    this.#closeListeners();
    if (this.#drain !== undefined) this.#drain.forced += this.#connections;
    this.#closeAll(undefined);
    this.#settle();
  }

  /** Closes the server and stops its loop. */
  stop(): void {
    this.close();
    this.loop.stop();
  }

  /** For acceptors: whether no further connection is to be accepted now. */
  full(): boolean {
    if (this.#connections < this.#maxConnections || this.#closesOverload) return false;
    if (!this.#paused) this.counters.paused++;
    this.#paused = true;
    return true;
  }

  /** For acceptors: serves a new connection. */
  add(stream: Stream): void {
    if (this.#connections >= this.#maxConnections) {
      this.counters.refused++;
      stream.close();
      return;
    }
    this.counters.accepted++;
    const connection = new Connection(this, stream);
    this.#link(connection);
    const { log } = this.options;
    // Now: once it is closed, it has no address.
    if (log?.accepted !== undefined || log?.closed !== undefined) {
      log.accepted?.(connection.name);
    }
    try {
      connection.attach();
      connection.open(this.#open(connection));
    } catch (error) {
      if (!isSystemError(error)) {
        connection.close();
        throw error;
      }
      connection.fail(error);
    }
  }

  /** For acceptors: one cannot be accepted, and the server goes on. */
  cannotAccept(error: Error & { code?: string }): void {
    const { log } = this.options;
    const code = String(error.code);
    if (log === undefined || this.#told.has(code)) return;
    this.#told.add(code);
    log.cannotAccept?.(error);
  }

  /** For connections: one was closed. */
  remove(connection: Connection): void {
    const { previous, next } = connection;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    this.#connections--;
    if (this.#paused) {
      this.#paused = false;
      // No edge announces the clients that wait: they came before.
      for (const acceptor of this.#acceptors) acceptor.wake();
    }
    if (this.#drain !== undefined) this.#settle();
  }

  #link(connection: Connection): void {
    const first = this.#first;
    connection.next = first;
    if (first !== undefined) first.previous = connection;
    this.#first = connection;
    this.#connections++;
  }

  #list(): Connection[] {
    const list: Connection[] = [];
    for (let each = this.#first; each !== undefined; each = each.next) list.push(each);
    return list;
  }

  #closeListeners(): void {
    for (const acceptor of this.#acceptors) acceptor.close();
    this.#acceptors = [];
  }

  #closeAll(error: Error | undefined): void {
    for (const connection of this.#list()) connection.close(error);
  }

  #settle(): void {
    if (this.#drain === undefined || this.#connections > 0) return;
    this.#drain.end();
    this.loop.yieldToHost();
  }
}

/** A drain that has begun. */
class Drain {
  readonly promise: Promise<{ forced: number }>;
  forced = 0;
  cancel: () => void = () => {};
  #resolve!: (result: { forced: number }) => void;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  end(): void {
    this.cancel();
    this.#resolve({ forced: this.forced });
  }
}

function checkTime(name: string, ms: number | undefined): number {
  if (ms === undefined) return Infinity;
  if (typeof ms === 'number' && ms > 0) return ms;
  throw new RangeError(`invalid ${name}: ${ms} (expected milliseconds above 0)`);
}

function checkCount(name: string, count: number): number {
  if (count >= 1 && (Number.isInteger(count) || count === Infinity)) return count;
  throw new RangeError(`invalid ${name}: ${count} (expected an integer from 1)`);
}
