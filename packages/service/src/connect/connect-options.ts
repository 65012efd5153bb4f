import type { PollSignal, TcpConnectOptions } from '@evloop/core';

/** An address that a name stands for, in the shape of Node's `dns.lookup`. */
export interface LookupAddress {
  /** An IP address. */
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Finds the addresses of a host, in the order of RFC 6724.
 *
 * A promise gives all of them at once. An async iterable gives them as they arrive, for a resolver
 * that asks for IPv4 and IPv6 separately. Rejects when there are none.
 */
export type Lookup = (
  host: string,
  options: { readonly signal: PollSignal },
) => Promise<readonly LookupAddress[]> | AsyncIterable<readonly LookupAddress[]>;

/** Where {@link connect} connects to. */
export interface Target {
  /** A name, or an IP address. */
  readonly host: string;
  /** From 1 to 65535. */
  readonly port: number;
}

/** Options of {@link connect}. */
export interface ConnectOptions {
  /** Finds the addresses of a name. Required unless `host` is an IP address. */
  readonly lookup?: Lookup | undefined;
  /** How long an attempt has before the next begins beside it, in milliseconds. Default: 250. */
  readonly attemptDelayMs?: number | undefined;
  /** How long IPv4 addresses that arrive first wait for IPv6 ones, in milliseconds. Default: 50. */
  readonly resolutionDelayMs?: number | undefined;
  /** How many addresses of the first family come before one of the other. Default: 1. */
  readonly firstFamilyCount?: number | undefined;
  /** The most attempts at a time. Default: 4. */
  readonly maxInFlight?: number | undefined;
  /** How long all of it may take, the lookup included, in milliseconds. Default: 10000. */
  readonly timeoutMs?: number | undefined;
  /** Closes all attempts: `connect` rejects with the reason of the signal. */
  readonly signal?: PollSignal | undefined;
  /** Options of each connection, for instance `nodelay`. */
  readonly tcp?: TcpConnectOptions | undefined;
}
