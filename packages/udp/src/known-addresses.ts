import { type SocketAddress, type SocketAddressLike, toSocketAddress } from '@evloop/core';

const MOST = 1024;

/**
 * Remembers which texts are IP addresses: checking one takes about as long as all the rest of our
 * part in sending a datagram, and a server sends to the same ones over and over.
 */
export class KnownAddresses {
  readonly #families = new Map<string, 'IPv4' | 'IPv6'>();

  /** As `toSocketAddress`. */
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
