import { type SocketAddress, type SocketAddressLike, toSocketAddress } from '@evloop/core';

const MOST = 1024;

/**
 * Remembers checked IP addresses. Checking one takes about as long as the rest of our work to send
 * a datagram, and a server sends to the same ones over and over.
 */
export class KnownAddresses {
  readonly #families = new Map<string, 'IPv4' | 'IPv6'>();

  /** Checks an address, as `toSocketAddress` does. */
  check(input: SocketAddressLike): SocketAddress {
    if (typeof input === 'object' && input !== null) {
      const { address, port, family } = input;
      const known = this.#families.get(address);
      const fits = known !== undefined && (family === undefined || family === known);
      if (fits && Number.isInteger(port) && port >= 0 && port <= 65535) {
        return family === undefined ? { address, port, family: known } : (input as SocketAddress);
      }
    }
    const checked = toSocketAddress(input);
    if (this.#families.size === MOST) this.#families.clear();
    this.#families.set(checked.address, checked.family);
    return checked;
  }
}
