import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Somebody who has connected, and sees what comes. */
export class Visitor {
  readonly socket: Socket;
  seen = '';
  ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.seen += text;
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      this.ended = true;
    });
  }

  static async to(port: number): Promise<Visitor> {
    const socket = connect(port, '127.0.0.1');
    const visitor = new Visitor(socket);
    await once(socket, 'connect');
    return visitor;
  }

  say(text: string): void {
    this.socket.write(text);
  }

  /** Resolves when what has come matches. */
  sees(pattern: RegExp): Promise<void> {
    return this.#until(() => pattern.test(this.seen));
  }

  /** Resolves when so many bytes have come. */
  hears(count: number): Promise<void> {
    return this.#until(() => this.seen.length >= count);
  }

  /** Resolves when the server has ended the connection. */
  async isSentAway(): Promise<void> {
    if (!this.ended) await once(this.socket, 'close');
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.ended) throw new Error(`the connection has ended; it brought: ${this.seen}`);
      // Whichever of the two does not come is waited for no longer.
      const over = new AbortController();
      const { signal } = over;
      const either = ['data', 'close'].map((event) => once(this.socket, event, { signal }));
      await Promise.race(either).finally(() => over.abort());
    }
  }
}
