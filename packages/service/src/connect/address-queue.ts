import type { LookupAddress } from './connect-options.ts';

/**
 * The addresses that were not tried yet. They come out with the families interleaved, which begins
 * with the family of the first: RFC 8305, section 4.
 */
export class AddressQueue {
  readonly #byFamily: Record<4 | 6, LookupAddress[]> = { 4: [], 6: [] };
  readonly #seen = new Set<string>();
  #firstFamily: 4 | 6 | undefined;
  /** How many of the first family come before the first of the other. */
  #lead: number;
  #last: 4 | 6 | undefined;

  constructor(firstFamilyCount: number) {
    this.#lead = firstFamilyCount;
  }

  get length(): number {
    return this.#byFamily[4].length + this.#byFamily[6].length;
  }

  /** Whether there are addresses of this family, or there were. */
  has(family: 4 | 6): boolean {
    return this.#last === family || this.#byFamily[family].length > 0;
  }

  /** Adds addresses, each once. */
  add(addresses: readonly LookupAddress[]): void {
    for (const each of addresses) {
      if (this.#seen.has(each.address)) continue;
      this.#seen.add(each.address);
      this.#byFamily[each.family].push(each);
    }
    // Until the first is taken, IPv6 that arrives after IPv4 comes first.
    if (this.#last !== undefined || addresses[0] === undefined) return;
    if (this.#firstFamily === undefined || addresses[0].family === 6) {
      this.#firstFamily = addresses[0].family;
    }
  }

  /** Takes the next address. */
  take(): LookupAddress | undefined {
    const first = this.#firstFamily ?? 6;
    const wanted = this.#lead > 0 || this.#last !== first ? first : other(first);
    const family = this.#byFamily[wanted].length > 0 ? wanted : other(wanted);
    if (family === first) this.#lead -= 1;
    const address = this.#byFamily[family].shift();
    if (address !== undefined) this.#last = family;
    return address;
  }
}

function other(family: 4 | 6): 4 | 6 {
  return family === 4 ? 6 : 4;
}
