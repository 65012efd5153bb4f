import {
  type Event,
  formatSocketAddress,
  Interest,
  isTransient,
  type Registry,
  type SystemError,
  type TcpListener,
  type TcpStream,
  Token,
  WouldBlock,
} from '@evloop/core';
import { isSystemError, reason } from './program.ts';
import type { Service } from './run-loop.ts';

/** What a server does with one client. */
export interface Connection {
  /**
   * Does what can be done now, up to a bound, so that no client can keep the others waiting.
   *
   * @returns `'wait'`: nothing more until an event; `'again'`: more, which no event will announce; `'end'`: close the connection.
   * A system error that it throws ends the connection as well.
   */
  step(): 'wait' | 'again' | 'end';
}

/** What is known of a client when it is accepted. */
export interface Client {
  readonly stream: TcpStream;
  readonly token: Token;
  /** For messages: its address. */
  readonly name: string;
}

/** Makes the connection of a client that was accepted and registered with `READABLE`. */
export type Open<C extends Connection> = (client: Client, registry: Registry) => C;

const LISTENER = Token(0);
/** Bounds of what is done between two polls: a timer of the process may have to wait for so long. */
const MOST_ACCEPTED = 64;
const MOST_STEPS = 32;
/** Errors of accept(2) that concern one connection, so that the next may be accepted at once. */
const GIVEN_UP: ReadonlySet<string> = new Set(['ECONNABORTED', 'EINTR', 'EPROTO']);

/**
 * A TCP server: accepts clients of any listener, and lets their connections work in turn.
 *
 * Events only say who has something to do. The work is done from a queue, first come, first served, in bounded steps; a connection
 * that has more to do goes to the end of it. An edge-triggered poll would not tell us again.
 */
export class TcpService<C extends Connection> implements Service {
  readonly connections: Map<Token, C> = new Map();
  readonly #registry: Registry;
  readonly #listener: TcpListener;
  readonly #open: Open<C>;
  readonly #log: (line: string) => void;
  readonly #clients: Map<C, Client> = new Map();
  readonly #runnable: Set<C> = new Set();
  readonly #told: Set<string> = new Set();
  #accepting = false;
  #lastToken = 0;

  constructor(
    registry: Registry,
    listener: TcpListener,
    log: (line: string) => void,
    open: Open<C>,
  ) {
    this.#registry = registry;
    this.#listener = listener;
    this.#open = open;
    this.#log = log;
    registry.register(listener, LISTENER, Interest.READABLE);
  }

  // Whatever the event says, the connection tries all that it has to do: it knows its state, and an event is only a hint.
  onEvent(event: Event): void {
    if (event.token === LISTENER) this.#accepting = true;
    const connection = this.connections.get(event.token);
    if (connection !== undefined) this.#runnable.add(connection);
  }

  work(): 'again' | 'wait' {
    if (this.#accepting) this.#accept();
    let steps = Math.min(this.#runnable.size, MOST_STEPS);
    for (const connection of this.#runnable) {
      if (steps-- === 0) break;
      this.#runnable.delete(connection);
      this.#step(connection);
    }
    return this.#accepting || this.#runnable.size > 0 ? 'again' : 'wait';
  }

  /** Closes a connection, now. `why` goes to the log. */
  end(connection: C, why = ''): void {
    const client = this.#clients.get(connection);
    if (client === undefined) return;
    this.#clients.delete(connection);
    this.#runnable.delete(connection);
    this.connections.delete(client.token);
    client.stream.close();
    this.#log(`Connection closed: ${client.name}${why && `: ${why}`}`);
  }

  /** Stops listening and ends all connections. */
  close(): void {
    this.#listener.close();
    for (const connection of this.connections.values()) this.end(connection);
  }

  #step(connection: C): void {
    try {
      const next = connection.step();
      if (next === 'again') this.#runnable.add(connection);
      else if (next === 'end') this.end(connection);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.end(connection, reason(error));
    }
  }

  #accept(): void {
    for (let i = 0; i < MOST_ACCEPTED && this.#accepting; i++) {
      try {
        const stream = this.#listener.accept();
        if (stream === WouldBlock) this.#accepting = false;
        else this.#welcome(stream);
      } catch (error) {
        this.#tolerate(error);
      }
    }
  }

  /** A client that has given up, or descriptors that are used up, are no reason to stop. */
  #tolerate(error: unknown): void {
    if (!isTransient(error)) throw error;
    // Without free descriptors accepting again would fail again: the listener is reported ready when there are some.
    if (!GIVEN_UP.has((error as SystemError).code)) this.#accepting = false;
    // Said once, since it may happen a thousand times a second.
    const why = reason(error);
    if (!this.#told.has(why)) console.error(`cannot accept a connection: ${why}; going on`);
    this.#told.add(why);
  }

  #welcome(stream: TcpStream): void {
    const token = Token(++this.#lastToken);
    const client = { stream, token, name: peerName(stream) };
    this.#log(`Accepted connection from: ${client.name}`);
    try {
      this.#registry.register(stream, token, Interest.READABLE);
    } catch (error) {
      stream.close();
      if (!isSystemError(error)) throw error;
      this.#log(`Connection closed: ${client.name}: ${reason(error)}`);
      return;
    }
    const connection = this.#open(client, this.#registry);
    this.#clients.set(connection, client);
    this.connections.set(token, connection);
    // Its first step needs no event: the greeting is due.
    this.#runnable.add(connection);
  }
}

function peerName(stream: TcpStream): string {
  try {
    return formatSocketAddress(stream.peerAddr());
  } catch {
    return 'a client that has gone';
  }
}
