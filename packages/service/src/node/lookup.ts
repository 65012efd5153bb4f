import { lookup as lookUp, Resolver } from 'node:dns/promises';
import type { Lookup, LookupAddress } from '../connect/connect-options.ts';

/**
 * Asks the system, as every program of the machine does (getaddrinfo, so /etc/hosts as well). It
 * gives all addresses at once, in the order of RFC 6724.
 */
export async function lookup(host: string): Promise<readonly LookupAddress[]> {
  const addresses = await lookUp(host, { all: true, verbatim: true });
  return addresses as LookupAddress[];
}

/** Options of {@link resolver}. */
export interface ResolverOptions {
  /** The DNS servers, as `dns.setServers` takes them. Default: those of the system. */
  readonly servers?: readonly string[] | undefined;
  /** How long one server has to answer, in milliseconds. Default: that of c-ares, 5000. */
  readonly timeoutMs?: number | undefined;
  /** How often a server is asked. Default: 4. */
  readonly tries?: number | undefined;
}

/**
 * Makes a lookup that asks DNS servers for IPv6 and IPv4 at the same time, and gives each answer
 * when it arrives: a slow answer for one family does not delay the other. It does not read
 * /etc/hosts.
 */
export function resolver({ servers, timeoutMs, tries }: ResolverOptions = {}): Lookup {
  const make = () => {
    const dns = new Resolver({
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
      ...(tries === undefined ? {} : { tries }),
    });
    if (servers !== undefined) dns.setServers(servers);
    return dns;
  };
  return async function* resolve(host, { signal }) {
    const dns = make();
    signal.addEventListener('abort', () => dns.cancel());
    const answers = new Map(
      [6 as const, 4 as const].map((family) => [family, answerOf(dns, host, family)]),
    );
    const errors: unknown[] = [];
    while (answers.size > 0) {
      const { family, addresses, error } = await Promise.race(answers.values());
      answers.delete(family);
      if (error !== undefined) errors.push(error);
      else yield addresses;
    }
    if (errors.length === 2) throw errors[1];
  };
}

interface Answer {
  readonly family: 4 | 6;
  readonly addresses: readonly LookupAddress[];
  readonly error?: unknown;
}

async function answerOf(dns: Resolver, host: string, family: 4 | 6): Promise<Answer> {
  try {
    const found = await (family === 4 ? dns.resolve4(host) : dns.resolve6(host));
    return { family, addresses: found.map((address) => ({ address, family })) };
  } catch (error) {
    return { family, addresses: [], error };
  }
}
