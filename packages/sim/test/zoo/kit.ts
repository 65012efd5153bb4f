import {
  type Backend,
  Events,
  Interest,
  type Poll,
  type TcpListener,
  type TcpStream,
  Token,
  WouldBlock,
} from '@evloop/core';

export const RW = Interest.READABLE | Interest.WRITABLE;
export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** A poll with an event buffer, and tokens that nobody has to keep. */
export class Loop {
  readonly backend: Backend;
  readonly poll: Poll;
  readonly events = new Events(64);
  #next = 0;

  constructor(backend: Backend) {
    this.backend = backend;
    this.poll = new backend.Poll();
  }

  add(source: TcpStream | TcpListener | { close(): void }, interest = RW): Token {
    const token = Token(this.#next++);
    this.poll.registry.register(source as TcpStream, token, interest);
    return token;
  }

  /** Waits for events; returns the tokens that were reported. */
  async wait(timeoutMs?: number): Promise<Token[]> {
    await this.poll.poll(this.events, timeoutMs);
    return Array.from(this.events, ({ token }) => token);
  }

  /** Connects, and again until it succeeds. */
  async connect(address: string, pauseMs: () => number = () => 200): Promise<TcpStream> {
    for (;;) {
      const stream = this.backend.TcpStream.connect(address);
      this.add(stream);
      try {
        while (stream.finishConnect() === WouldBlock) await this.wait();
        return stream;
      } catch {
        stream.close();
        await this.wait(pauseMs());
      }
    }
  }

  /** Writes all of `bytes`, waiting for room. */
  async write(stream: TcpStream, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const size = stream.write(bytes, at);
      if (size === WouldBlock) await this.wait();
      else at += size;
    }
  }

  /** Reads until the end of the stream. */
  async readAll(stream: TcpStream): Promise<Buffer> {
    const parts: Buffer[] = [];
    const buffer = new Uint8Array(4096);
    for (;;) {
      const size = stream.read(buffer);
      if (size === 0) return Buffer.concat(parts);
      if (size === WouldBlock) await this.wait();
      else parts.push(Buffer.from(buffer.slice(0, size)));
    }
  }
}

/**
 * Accepts for ever, and serves each connection with a handler of its own: called on every event
 * until it returns true.
 */
export async function serve(
  backend: Backend,
  address: string,
  handler: (stream: TcpStream) => () => boolean,
): Promise<void> {
  const loop = new Loop(backend);
  const listener = await backend.TcpListener.bind(address);
  const listening = loop.add(listener, Interest.READABLE);
  const handlers = new Map<Token, { stream: TcpStream; step: () => boolean }>();
  for (;;) {
    for (const token of await loop.wait()) {
      if (token === listening) {
        for (let it = listener.accept(); it !== WouldBlock; it = listener.accept()) {
          handlers.set(loop.add(it), { stream: it, step: handler(it) });
        }
        continue;
      }
      const served = handlers.get(token);
      if (served === undefined) continue;
      let done = true;
      try {
        done = served.step();
      } catch {
        // The connection broke.
      }
      if (!done) continue;
      served.stream.close();
      handlers.delete(token);
    }
  }
}
