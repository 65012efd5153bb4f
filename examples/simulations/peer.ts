// A client for simulations: it waits for what it does, and gives up when nothing comes.
import {
  type Backend,
  Events,
  Interest,
  type Poll,
  type TcpStream,
  Token,
  WouldBlock,
} from '@evloop/core';

/** How long a client waits for a silent peer, in milliseconds of virtual time. */
const PATIENCE_MS = 20_000;

/** One connection of a client. */
export class Peer {
  readonly #backend: Backend;
  readonly #poll: Poll;
  readonly #events = new Events(8);
  readonly #buffer = new Uint8Array(16_384);
  #stream: TcpStream | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#poll = new backend.Poll();
  }

  /** The address that the server knows this client by. */
  get address(): string {
    const { address, port } = (this.#stream as TcpStream).localAddr();
    return `${address}:${port}`;
  }

  /** @throws why there is no connection. */
  async connect(address: string): Promise<void> {
    const stream = this.#backend.TcpStream.connect(address);
    this.#stream = stream;
    this.#poll.registry.register(stream, Token(0), Interest.READABLE | Interest.WRITABLE);
    while (stream.finishConnect() === WouldBlock) await this.#wait();
  }

  /**
   * Sends `bytes`, and hands each piece that arrives to `hear` until that returns true.
   *
   * @param end ends this side behind `bytes`.
   * @returns false: the peer has ended before that.
   * @throws what broke the connection.
   */
  async talk(
    bytes: Uint8Array,
    hear: (piece: Uint8Array) => boolean,
    end = false,
  ): Promise<boolean> {
    const stream = this.#stream as TcpStream;
    let sent = 0;
    let ended = false;
    for (;;) {
      while (sent < bytes.length) {
        const size = stream.write(bytes, sent);
        if (size === WouldBlock) break;
        sent += size;
      }
      if (end && !ended && sent === bytes.length) {
        ended = true;
        stream.shutdown('write');
      }
      const size = stream.read(this.#buffer);
      if (size === 0) return false;
      if (size === WouldBlock) await this.#wait();
      else if (hear(this.#buffer.slice(0, size))) return true;
    }
  }

  /** Sends `bytes`, then hands what arrives within `ms` to `hear`. @returns as `talk`. */
  async listen(bytes: Uint8Array, hear: (piece: Uint8Array) => void, ms: number): Promise<boolean> {
    const stream = this.#stream as TcpStream;
    const end = performance.now() + ms;
    for (let sent = 0; ; ) {
      while (sent < bytes.length) {
        const size = stream.write(bytes, sent);
        if (size === WouldBlock) break;
        sent += size;
      }
      for (;;) {
        const size = stream.read(this.#buffer);
        if (size === WouldBlock) break;
        if (size === 0) return false;
        hear(this.#buffer.slice(0, size));
      }
      const left = end - performance.now();
      if (left <= 0 && sent === bytes.length) return true;
      if (sent < bytes.length) await this.#wait();
      else await this.#poll.poll(this.#events, left);
    }
  }

  /** Waits for so many milliseconds. */
  async pause(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end) await this.#poll.poll(this.#events, end - performance.now());
  }

  close(): void {
    this.#stream?.close();
    this.#poll.close();
  }

  async #wait(): Promise<void> {
    if ((await this.#poll.poll(this.#events, PATIENCE_MS)) === 0) {
      throw new Error(`nothing has happened for ${PATIENCE_MS} ms`);
    }
  }
}
