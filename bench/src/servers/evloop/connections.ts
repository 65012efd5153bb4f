import {
  Interest,
  isExhausted,
  isTransient,
  type Poll,
  type TcpListener,
  type TcpStream,
  Token,
  WouldBlock,
} from '@evloop/core';

/** One client, found by its token. */
export interface Connection {
  readonly stream: TcpStream;
  readonly token: Token;
  /** What could not be written yet, or the beginning of a line. */
  rest: Uint8Array | undefined;
}

/** The token of the listener. */
export const SERVER = Token(0);

/** The connections of a server, by token: 1 and up, used again. */
export class Connections {
  readonly all: (Connection | undefined)[] = [undefined];
  readonly #free: number[] = [];
  readonly #poll: Poll;

  constructor(poll: Poll) {
    this.#poll = poll;
  }

  /** Accepts whoever waits. `prepare` sets options of the new stream. */
  accept(listener: TcpListener, prepare?: (stream: TcpStream) => void): void {
    for (;;) {
      try {
        const stream = listener.accept();
        if (stream === WouldBlock) return;
        const token = Token(this.#free.pop() ?? this.all.length);
        prepare?.(stream);
        this.#poll.registry.register(stream, token, Interest.READABLE);
        this.all[token] = { stream, token, rest: undefined };
      } catch (error) {
        if (!isTransient(error)) throw error;
        if (isExhausted(error)) return;
      }
    }
  }

  close(connection: Connection): void {
    connection.stream.close();
    this.all[connection.token] = undefined;
    this.#free.push(connection.token);
  }
}
