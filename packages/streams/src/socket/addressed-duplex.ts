import { Duplex } from 'node:stream';
import type { Endpoints, NodeAddress } from './endpoints.ts';

const NO_ADDRESS: NodeAddress = Object.freeze({});

/** A stream of Node with the addresses of a connection. */
export abstract class AddressedDuplex extends Duplex {
  /** The addresses, when there is a connection, or was one. */
  protected endpoints: Endpoints | undefined;

  /** The peer's IP address. Like the other addresses, it is kept after the end. */
  get remoteAddress(): string | undefined {
    return this.#remote.address;
  }
  /** The peer's family. */
  get remoteFamily(): string | undefined {
    return this.#remote.family;
  }
  /** The peer's port. */
  get remotePort(): number | undefined {
    return this.#remote.port;
  }
  /** The local IP address. */
  get localAddress(): string | undefined {
    return this.address().address;
  }
  /** The local port. */
  get localPort(): number | undefined {
    return this.address().port;
  }
  /** The local family. */
  get localFamily(): string | undefined {
    return this.address().family;
  }

  /** Returns the local address. It is empty for Unix sockets, and before there is a connection. */
  address(): NodeAddress {
    return this.endpoints?.local ?? NO_ADDRESS;
  }

  get #remote(): NodeAddress {
    return this.endpoints?.remote ?? NO_ADDRESS;
  }
}
