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
  /** The connection was closed, whoever wanted it. */
  ended?(): void;
}

/** A client that was accepted. It is registered with `READABLE`. */
export interface Client {
  readonly stream: TcpStream;
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

const LISTENER = Token(0);
/** Bounds of what is done between two polls: a timer of the process may have to wait for so long. */
const MOST_ACCEPTED = 64;
const MOST_STEPS = 32;

/**
 * A TCP server: accepts clients of any listener, and lets their connections work in turn.
 *
 * Events only say who has something to do. The work is done from a queue, first come, first served, in bounded steps; a connection
 * that has more to do goes to the end of it, since an edge-triggered poll would not tell of it again.
 */
export class TcpService implements Service {
  readonly #registry: Registry;
  readonly #listener: TcpListener;
  readonly #open: Open;
  readonly #log: (line: string) => void;
  readonly #clients: Map<Token, Served> = new Map();
  readonly #runnable: Set<Served> = new Set();
  readonly #told: Set<string> = new Set();
  #accepting = false;
  #lastToken = 0;

  constructor(registry: Registry, listener: TcpListener, log: (line: string) => void, open: Open) {
    this.#registry = registry;
    this.#listener = listener;
    this.#open = open;
    this.#log = log;
    registry.register(listener, LISTENER, Interest.READABLE);
  }

  // Whatever the event says, the connection tries all that it has to do: it knows its state, and an event is only a hint.
  onEvent(event: Event): void {
    const client = this.#clients.get(event.token);
    if (client !== undefined) this.#runnable.add(client);
    else if (event.token === LISTENER) this.#accepting = true;
  }

  work(): 'again' | 'wait' {
    if (this.#accepting) this.#accept();
    let steps = Math.min(this.#runnable.size, MOST_STEPS);
    for (const client of this.#runnable) {
      if (steps-- === 0) break;
      this.#runnable.delete(client);
      this.#step(client);
    }
    return this.#accepting || this.#runnable.size > 0 ? 'again' : 'wait';
  }

  /** Stops listening and ends all connections. */
  close(): void {
    this.#listener.close();
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
    if (isExhausted(error)) this.#accepting = false;
    // Said once, since it may happen a thousand times a second.
    const why = reason(error);
    if (!this.#told.has(why)) console.error(`cannot accept a connection: ${why}; going on`);
    this.#told.add(why);
  }

  #welcome(stream: TcpStream): void {
    const token = Token(++this.#lastToken);
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

  #serve(stream: TcpStream, token: Token, name: string): void {
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

function peerName(stream: TcpStream): string {
  try {
    return formatSocketAddress(stream.peerAddr());
  } catch {
    return 'a client that has gone';
  }
}
