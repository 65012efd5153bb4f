import type { SocketAddress } from '@evloop/core';
import { decodeIpName, newName } from './sockaddr.ts';

/** How many senders are remembered in this thread, at most. A newer one takes the place of an older one. */
const PLACES = 1024;
const PLACE_BITS = 10;

/** Any two odd numbers with bits all over: they spread addresses that count up. */
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

/** Where a system call is to write the name of a sender: see {@link readSender}. */
export const senderName: Uint8Array = newName();

const read = new Int32Array(senderName.buffer, 0, 3);
const writtenName = newName();
const written = new Int32Array(writtenName.buffer, 0, 3);
written[0] = IPV4_BYTES;

const places: (Sender | undefined)[] = new Array(PLACES).fill(undefined);
/** Addresses that came from here. They are frozen, so that what is known of them stays true. */
const senders = new WeakMap<object, Sender>();
let last: Sender | undefined;

/**
 * The address in {@link senderName}: the same object each time for a sender over IPv4 that has sent before. Writing an address
 * as text and reading it back costs more than the rest of an echo.
 */
export function readSender(): SocketAddress {
  if (read[0] !== IPV4_BYTES) return decodeIpName(senderName);
  const service = read[1] as number;
  const host = read[2] as number;
  const place = Math.imul(service ^ Math.imul(host, SPREAD_HOST), SPREAD) >>> (32 - PLACE_BITS);
  let sender = places[place];
  if (sender === undefined || sender.service !== service || sender.host !== host) {
    sender = { address: Object.freeze(decodeIpName(senderName)), service, host };
    senders.set(sender.address, sender);
    places[place] = sender;
  }
  last = sender;
  return sender.address;
}

/** The name of an address that came from {@link readSender}, until the next call; `undefined` for others. */
export function senderNameOf(address: unknown): Uint8Array | undefined {
  const sender = last !== undefined && last.address === address ? last : find(address);
  if (sender === undefined) return undefined;
  written[1] = sender.service;
  written[2] = sender.host;
  return writtenName;
}

function find(address: unknown): Sender | undefined {
  return typeof address === 'object' && address !== null ? senders.get(address) : undefined;
}
