import type { SocketAddress } from '@evloop/core';
import { messageName, messageNameWords } from '../native/message-calls.ts';
import { decodeIpName } from '../native/sockaddr.ts';

/** The most senders that are remembered in this thread. A newer one replaces an older one. */
const PLACES = 1024;
const PLACE_BITS = 10;

/** Two odd numbers with bits all over: they spread consecutive addresses. */
const SPREAD_HOST = 0x9e3779b1;
const SPREAD = 0x85ebca6b;

const IPV4_BYTES = 16;

/** A sender over IPv4: its address as text, and as the two words of its name. */
interface Sender {
  readonly address: SocketAddress;
  /** Family and port. */
  readonly service: number;
  readonly host: number;
}

const places: (Sender | undefined)[] = new Array(PLACES).fill(undefined);
/** Addresses from this module. They are frozen, so that this knowledge stays valid. */
const senders = new WeakMap<object, Sender>();
let last: Sender | undefined;

/**
 * Returns the address in {@link messageName}. For an IPv4 sender that has sent before, it is the
 * same object each time: formatting and parsing an address costs more than the rest of an echo.
 */
export function readSender(): SocketAddress {
  if (messageNameWords[0] !== IPV4_BYTES) return decodeIpName(messageName);
  const service = messageNameWords[1] as number;
  const host = messageNameWords[2] as number;
  const place = Math.imul(service ^ Math.imul(host, SPREAD_HOST), SPREAD) >>> (32 - PLACE_BITS);
  let sender = places[place];
  if (sender === undefined || sender.service !== service || sender.host !== host) {
    sender = { address: Object.freeze(decodeIpName(messageName)), service, host };
    senders.set(sender.address, sender);
    places[place] = sender;
  }
  last = sender;
  return sender.address;
}

/**
 * Writes the name of an address that came from {@link readSender} to {@link messageName}.
 *
 * @returns false for any other address.
 */
export function writeSender(address: unknown): boolean {
  const sender = last !== undefined && last.address === address ? last : find(address);
  if (sender === undefined) return false;
  messageNameWords[0] = IPV4_BYTES;
  messageNameWords[1] = sender.service;
  messageNameWords[2] = sender.host;
  return true;
}

function find(address: unknown): Sender | undefined {
  return typeof address === 'object' && address !== null ? senders.get(address) : undefined;
}
