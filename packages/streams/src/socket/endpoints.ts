import type { SocketAddress } from '@evloop/core';
import type { Stream } from '@evloop/service';

/** An address in the form of `net.Socket`: nothing is set for Unix sockets. */
export type NodeAddress = Partial<SocketAddress>;

const NONE: NodeAddress = Object.freeze({});

/** The addresses of a stream, which are kept when it is closed. */
export class Endpoints {
  readonly #stream: Stream;
  #local: NodeAddress | undefined;
  #remote: NodeAddress | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.keepRemote();
  }

  /** The local address. It is asked for only when it is needed, or at the end. */
  get local(): NodeAddress {
    this.#local ??= addressOf(() => this.#stream.localAddr());
    return this.#local ?? NONE;
  }

  /** The peer's address. */
  get remote(): NodeAddress {
    return this.#remote ?? NONE;
  }

  /** Keeps the peer's address. A connection that was reset has none any more. */
  keepRemote(): void {
    this.#remote ??= addressOf(() => this.#stream.peerAddr());
  }

  /** Keeps the local address. To be called before the stream is closed. */
  keepLocal(): void {
    this.#local ??= addressOf(() => this.#stream.localAddr());
  }
}

function addressOf(ask: () => SocketAddress | string): NodeAddress | undefined {
  try {
    const address = ask();
    return typeof address === 'string' ? NONE : address;
  } catch {
    return undefined;
  }
}
