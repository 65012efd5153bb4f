import { WouldBlock } from '@evloop/core';
import type { Deadline } from '../deadlines/deadline.ts';
import type { Next } from '../loop/step.ts';
import type { Connection } from './connection.ts';
import type { Handler } from './handler.ts';

/** How long, and how much, a client that was refused may go on sending. */
const MOST_MS = 2000;
const MOST_BYTES = 0x1000000;
/** What is read here is thrown away. */
const discarded = new Uint8Array(0x10000);

/**
 * The handler of a connection that was refused: it throws away what still arrives until the client
 * has
 * ended its side. Closing at once would reset the connection, and the client might not see why.
 */
export class Refusal implements Handler {
  readonly #connection: Connection;
  readonly #error: Error;
  readonly #before: Handler;
  readonly #deadline: Deadline;
  #bytes = 0;

  /** @param before the handler that the connection had. It hears of the end. */
  constructor(connection: Connection, error: Error, before: Handler) {
    this.#connection = connection;
    this.#error = error;
    this.#before = before;
    this.#deadline = connection.loop.deadlines.in(MOST_MS, () => connection.close(error));
  }

  step(): Next {
    const size = this.#connection.stream.read(discarded);
    if (size === WouldBlock) return 'wait';
    this.#bytes += size;
    if (size === 0 || this.#bytes > MOST_BYTES) this.#connection.close(this.#error);
    return 'again';
  }

  closed(error?: Error): void {
    this.#deadline.cancel();
    this.#before.closed?.(error);
  }
}
