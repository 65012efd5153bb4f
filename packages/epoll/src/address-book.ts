import type { SocketAddress } from '@evloop/core';
import { decodeIpName } from './sockaddr.ts';

/** How many senders are remembered. The book starts anew when it is full. */
const MOST = 1024;

const NAME_BYTES = 32;

/** The names of addresses that came out of a book. They are frozen, so that a name stays true. */
const names = new WeakMap<object, Uint8Array>();

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
      known = Object.freeze(decodeIpName(name));
      names.set(known, name.slice(0, NAME_BYTES));
      this.#known.set(key, known);
    }
    return known;
  }
}

/** The name that an address which was read from a book has; `undefined` for others. */
export function knownName(address: unknown): Uint8Array | undefined {
  return typeof address === 'object' && address !== null ? names.get(address) : undefined;
}

// An IPv4 address and its port are 48 bits, which a number holds. The length tells the family.
function keyOf(name: Uint8Array): number | undefined {
  if (((name[0] as number) | (name[3] as number)) !== 16) return undefined;
  const high = ((name[8] as number) << 8) | (name[9] as number);
  const middle = ((name[10] as number) << 8) | (name[11] as number);
  const port = ((name[6] as number) << 8) | (name[7] as number);
  return (high * 65536 + middle) * 65536 + port;
}
