import type { SocketAddress } from '@evloop/core';
import { decodeIpName } from './sockaddr.ts';

/** How many senders are remembered. The book starts anew when it is full. */
const MOST = 1024;

const NAME_BYTES = 32;

/** Lets a private field be put on an object that exists already: the address stays the plain object that the contract promises. */
class Existing {
  constructor(address: SocketAddress) {
    // biome-ignore lint/correctness/noConstructorReturn: this is how a field comes onto a plain object
    return address;
  }
}

/** An address that came out of a book: it cannot be changed, and knows its name, so that answering it parses nothing. */
class KnownAddress extends Existing {
  readonly #name: Uint8Array;

  constructor(address: SocketAddress, name: Uint8Array) {
    super(address);
    this.#name = name;
    Object.freeze(this);
  }

  static nameOf(address: object): Uint8Array | undefined {
    return #name in address ? (address as KnownAddress).#name : undefined;
  }
}

/**
 * The senders of a socket's datagrams. Writing an address as text and reading it back costs more than the rest of
 * an echo, and most datagrams come from somebody who has sent before.
 */
export class AddressBook {
  readonly #known: Map<number, SocketAddress> = new Map();

  /** The address in a name: the same object each time for a sender over IPv4. */
  read(name: Uint8Array): SocketAddress {
    const key = keyOf(name);
    if (key === undefined) return decodeIpName(name);
    let known = this.#known.get(key);
    if (known === undefined) {
      if (this.#known.size >= MOST) this.#known.clear();
      known = decodeIpName(name);
      new KnownAddress(known, name.slice(0, NAME_BYTES));
      this.#known.set(key, known);
    }
    return known;
  }
}

/** The name that an address which was read from a book has; `undefined` for others. */
export function knownName(address: unknown): Uint8Array | undefined {
  return typeof address === 'object' && address !== null ? KnownAddress.nameOf(address) : undefined;
}

// An IPv4 address and its port are 48 bits, which a number holds. The length tells the family.
function keyOf(name: Uint8Array): number | undefined {
  if (((name[0] as number) | (name[3] as number)) !== 16) return undefined;
  const high = ((name[8] as number) << 8) | (name[9] as number);
  const middle = ((name[10] as number) << 8) | (name[11] as number);
  const port = ((name[6] as number) << 8) | (name[7] as number);
  return (high * 65536 + middle) * 65536 + port;
}
