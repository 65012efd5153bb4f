import {
  type Event,
  formatSocketAddress,
  Interest,
  isExhausted,
  isTransient,
  type Registry,
  type TcpListener,
  type TcpStream,
  Token,
  type UnixListener,
  type UnixStream,
  WouldBlock,
} from '@evloop/core';
import { isSystemError, reason } from './program.ts';
import type { Service } from './run-loop.ts';

/** TCP and Unix streams differ in their addresses, and here in nothing else. */
export type Stream = TcpStream | UnixStream;
export type Listener = TcpListener | UnixListener;

/** What a server does with one client. */
export interface Connection {
  /**
   * Does what can be done now, up to a bound, so that no client can keep the others waiting.
   *
   * @returns `'wait'`: nothing more until an event; `'again'`: more, which no event will announce; `'end'`: close the connection.
   * A system error that it throws ends the connection as well.
   */
  step(): 'wait' | 'again' | 'end';
  /** The connection was closed, whoever wanted it. */
  ended?(): void;
}

/** A client that was accepted. It is registered with `READABLE`. */
export interface Client {
  readonly stream: Stream;
  readonly token: Token;
  readonly registry: Registry;
  /** Its connection has something to do, although nothing has happened to its socket. */
  wake(): void;
  /** Closes its connection now. `why` goes to the log. */
  end(why: string): void;
}

/** Makes the connection of a client. */
export type Open = (client: Client) => Connection;

interface Served extends Client {
  readonly name: string;
  connection: Connection;
}

/** Bounds of what is done between two polls: a timer of the process may have to wait for so long. */
const MOST_ACCEPTED = 64;
const MOST_STEPS = 32;
/** Milliseconds after which no further step is begun, so that timers come in time also where many clients flood a slow machine. */
const MOST_MS = 2;

/**
 * A server of streams: accepts the clients of its listeners, and lets their connections work in turn.
 *
 * Events only say who has something to do. The work is done from a queue, first come, first served, in bounded steps; a connection
 * that has more to do goes to the end of it, since an edge-triggered poll would not tell of it again.
 */
export class StreamService implements Service {
  readonly #registry: Registry;
  /** By token: the first tokens are theirs. */
  readonly #listeners: Map<Token, Listener> = new Map();
  readonly #open: Open;
  readonly #log: (line: string) => void;
  readonly #clients: Map<Token, Served> = new Map();
  readonly #runnable: Set<Served> = new Set();
  readonly #told: Set<string> = new Set();
  /** The listeners whose clients were not all accepted. */
  readonly #accepting: Set<Listener> = new Set();
  #draining = false;
  #tokens = 0;

  constructor(
    registry: Registry,
    listeners: Iterable<Listener>,
    log: (line: string) => void,
    open: Open,
  ) {
    this.#registry = registry;
    this.#open = open;
    this.#log = log;
    for (const listener of listeners) {
      const token = Token(this.#tokens++);
      registry.register(listener, token, Interest.READABLE);
      this.#listeners.set(token, listener);
    }
  }

  // Whatever the event says, the connection tries all that it has to do: it knows its state, and an event is only a hint.
  onEvent(event: Event): void {
    const client = this.#clients.get(event.token);
    const listener = this.#listeners.get(event.token);
    if (client !== undefined) this.#runnable.add(client);
    else if (listener !== undefined) this.#accepting.add(listener);
  }

  work(): 'again' | 'wait' | 'end' {
    for (const listener of this.#accepting) this.#accept(listener, MOST_ACCEPTED);
    let steps = Math.min(this.#runnable.size, MOST_STEPS);
    const end = performance.now() + MOST_MS;
    for (const client of this.#runnable) {
      this.#runnable.delete(client);
      this.#step(client);
      if (--steps === 0 || performance.now() > end) break;
    }
    if (this.#draining && this.#clients.size === 0) return 'end';
    return this.#accepting.size > 0 || this.#runnable.size > 0 ? 'again' : 'wait';
  }

  /**
   * Stops listening, and serves its clients to their end: then `work` answers `'end'`.
   *
   * A listener that other processes have too goes on with them, and so do the clients that wait in the kernel's queue. But a client that a
   * backend has taken from there already (net does, as soon as it comes) is ours: closing the listener would reset it. So all that can be
   * accepted are, first.
   */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (const listener of this.#listeners.values()) {
      this.#accepting.add(listener);
      this.#accept(listener, Number.POSITIVE_INFINITY);
      listener.close();
    }
    this.#accepting.clear();
    this.#listeners.clear();
  }

  /** Stops listening and ends all connections. */
  close(): void {
    for (const listener of this.#listeners.values()) listener.close();
    for (const client of this.#clients.values()) this.#end(client);
  }

  #step(client: Served): void {
    try {
      const next = client.connection.step();
      if (next === 'again') client.wake();
      else if (next === 'end') this.#end(client);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.#end(client, reason(error));
    }
  }

  #end(client: Served, why = ''): void {
    if (!this.#clients.delete(client.token)) return;
    this.#runnable.delete(client);
    client.stream.close();
    client.connection.ended?.();
    this.#log(`Connection closed: ${client.name}${why && `: ${why}`}`);
  }

  #accept(listener: Listener, most: number): void {
    for (let i = 0; i < most && this.#accepting.has(listener); i++) {
      try {
        const stream = listener.accept();
        if (stream === WouldBlock) this.#accepting.delete(listener);
        else this.#welcome(stream);
      } catch (error) {
        this.#tolerate(error, listener);
      }
    }
  }

  /** A client that has given up, or descriptors that are used up, are no reason to stop. */
  #tolerate(error: unknown, listener: Listener): void {
    if (!isTransient(error)) throw error;
    // Without free descriptors accepting again would fail again: the listener is reported ready when there are some.
    if (isExhausted(error)) this.#accepting.delete(listener);
    // Said once, since it may happen a thousand times a second.
    const why = reason(error);
    if (!this.#told.has(why)) console.error(`cannot accept a connection: ${why}; going on`);
    this.#told.add(why);
  }

  #welcome(stream: Stream): void {
    const token = Token(this.#tokens++);
    const name = peerName(stream);
    this.#log(`Accepted connection from: ${name}`);
    try {
      this.#registry.register(stream, token, Interest.READABLE);
    } catch (error) {
      stream.close();
      if (!isSystemError(error)) throw error;
      this.#log(`Connection closed: ${name}: ${reason(error)}`);
      return;
    }
    this.#serve(stream, token, name);
  }

  #serve(stream: Stream, token: Token, name: string): void {
    const client: Served = {
      stream,
      token,
      name,
      registry: this.#registry,
      connection: { step: () => 'wait' },
      wake: () => {
        if (this.#clients.has(token)) this.#runnable.add(client);
      },
      end: (why) => this.#end(client, why),
    };
    client.connection = this.#open(client);
    this.#clients.set(token, client);
    // Its first step needs no event: it may have something to say first.
    client.wake();
  }
}

function peerName(stream: Stream): string {
  try {
    const peer = stream.peerAddr();
    return typeof peer === 'string' ? 'a Unix client' : formatSocketAddress(peer);
  } catch {
    return 'a client that has gone';
  }
}
