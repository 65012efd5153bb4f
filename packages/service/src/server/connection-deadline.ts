import { Deadline } from '../deadlines/deadline.ts';
import type { Deadlines } from '../deadlines/deadlines.ts';
import type { Connection } from './connection.ts';

/** The idle timeout, or the deadline, of one connection. */
export class ConnectionDeadline extends Deadline {
  readonly #connection: Connection;
  readonly #why: string;

  /** @param why the message of the error that the connection is closed with. */
  constructor(deadlines: Deadlines, connection: Connection, why: string) {
    super(deadlines);
    this.#connection = connection;
    this.#why = why;
  }

  expired(): void {
    this.#connection.timeOut(this.#why);
  }
}
