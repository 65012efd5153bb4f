import { formatIPv4, formatIPv6, parseIPv4, parseIPv6, splitZone } from '../address/ip.ts';
import type { DatagramInfo, SendControl } from './datagram-control.ts';

/** The number of words from one message to the next in `DatagramBatch.meta`. */
export const META_STRIDE = 15;

/**
 * The bits of word 4 of a message: which of the other words are set. `DatagramBatch` describes the
 * words.
 */
export const MessageBits: {
  readonly DROPS: 1;
  readonly TOS: 2;
  readonly TTL: 4;
  readonly PLACE: 8;
  readonly TIME: 16;
  readonly ERROR: 32;
} = Object.freeze({ DROPS: 1, TOS: 2, TTL: 4, PLACE: 8, TIME: 16, ERROR: 32 });

/** The kernel's flag in word 1: control data was cut. */
export const MSG_CTRUNC = 0x08;
/** The kernel's flag in word 1: the message was cut. */
export const MSG_TRUNC = 0x20;

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
/** Word 10 of an IPv4 address in IPv6 form (`::ffff:127.0.0.1`). Its words 8 and 9 are 0. */
const MAPPED = LITTLE_ENDIAN ? 0xffff0000 : 0x0000ffff;

/** Whether the address in words 8 to 11 is an IPv4 address. */
function isMapped(words: Uint32Array, at: number): boolean {
  return words[at + 8] === 0 && words[at + 9] === 0 && words[at + 10] === MAPPED;
}

/** The first 16 bits of the address in words 8 to 11. */
function prefixOf(words: Uint32Array, at: number): number {
  const word = words[at + 8] as number;
  return LITTLE_ENDIAN ? ((word & 0xff) << 8) | ((word >>> 8) & 0xff) : word >>> 16;
}

/**
 * Turns the place of arrival of a message into the source of its answer. That is the address that
 * the sender used. For a multicast or broadcast address, it is one of the interface of arrival. The
 * routes choose the interface, except for link-local addresses, which are ambiguous without it.
 */
export function answerFrom(words: Uint32Array, at: number): void {
  const prefix = prefixOf(words, at);
  if (isMapped(words, at)) words[at + 11] = (words[at + 12] || words[at + 11]) as number;
  else if (prefix >= 0xff00) words.fill(0, at + 8, at + 12);
  if ((prefix & 0xffc0) !== 0xfe80) words[at + 7] = 0;
}

/** The words of a received message, decoded on demand: most programs read few of them. */
export class MessageInfo implements DatagramInfo {
  readonly #flags: number;
  readonly #bits: number;
  readonly #tos: number;
  readonly #ttl: number;
  readonly #interface: number;
  readonly #a: number;
  readonly #b: number;
  readonly #c: number;
  readonly #d: number;
  readonly #local: number;
  readonly #low: number;
  readonly #high: number;

  /**
   * Copies the words from index `at`, as signed integers: V8 stores those without an object for
   * each.
   */
  constructor(words: Uint32Array, at: number) {
    this.#flags = (words[at + 1] as number) | 0;
    this.#bits = (words[at + 4] as number) | 0;
    this.#tos = (words[at + 5] as number) | 0;
    this.#ttl = (words[at + 6] as number) | 0;
    this.#interface = (words[at + 7] as number) | 0;
    this.#a = (words[at + 8] as number) | 0;
    this.#b = (words[at + 9] as number) | 0;
    this.#c = (words[at + 10] as number) | 0;
    this.#d = (words[at + 11] as number) | 0;
    this.#local = (words[at + 12] as number) | 0;
    this.#low = (words[at + 13] as number) | 0;
    this.#high = (words[at + 14] as number) | 0;
  }

  get destination(): string | undefined {
    if ((this.#bits & MessageBits.PLACE) === 0) return undefined;
    const words = Uint32Array.of(this.#a, this.#b, this.#c, this.#d);
    const bytes = new Uint8Array(words.buffer);
    const mapped = this.#a === 0 && this.#b === 0 && words[2] === MAPPED;
    return mapped ? formatIPv4(bytes.subarray(12)) : formatIPv6(bytes);
  }
  get interfaceIndex(): number | undefined {
    return (this.#bits & MessageBits.PLACE) === 0 ? undefined : this.#interface;
  }
  get tos(): number | undefined {
    return (this.#bits & MessageBits.TOS) === 0 ? undefined : this.#tos;
  }
  get ttl(): number | undefined {
    return (this.#bits & MessageBits.TTL) === 0 ? undefined : this.#ttl;
  }
  get timestamp(): bigint | undefined {
    if ((this.#bits & MessageBits.TIME) === 0) return undefined;
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }
  get controlTruncated(): boolean {
    return (this.#flags & MSG_CTRUNC) !== 0;
  }

  /**
   * Writes the source of the answer to the message. Returns false if the place of its arrival is
   * unknown.
   */
  writeAnswer(words: Uint32Array, at: number): boolean {
    if ((this.#bits & MessageBits.PLACE) === 0) return false;
    words[at + 3] = 0;
    words[at + 4] = MessageBits.PLACE;
    words[at + 7] = this.#interface;
    words[at + 8] = this.#a;
    words[at + 9] = this.#b;
    words[at + 10] = this.#c;
    words[at + 11] = this.#d;
    words[at + 12] = this.#local;
    answerFrom(words, at);
    return true;
  }

  /** Makes `console.log` useful: the getters are on the prototype, so it would not show them. */
  toJSON(): Record<keyof DatagramInfo, unknown> {
    const { destination, interfaceIndex, tos, ttl, timestamp, controlTruncated } = this;
    return {
      ...{ destination, interfaceIndex, tos, ttl, controlTruncated },
      timestamp: timestamp?.toString(),
    };
  }
  [Symbol.for('nodejs.util.inspect.custom')](): unknown {
    return this.toJSON();
  }
}

/** The nanoseconds in words 13 and 14. */
export function timeOf(words: Uint32Array, at: number): bigint {
  return (BigInt(words[at + 14] as number) << 32n) | BigInt(words[at + 13] as number);
}

/**
 * Writes how a message is to be sent. Members of `control` replace earlier settings.
 *
 * @throws TypeError: the source is not an IP address. RangeError: a number is out of range.
 */
export function writeControl(words: Uint32Array, at: number, control: SendControl): void {
  const { source, interfaceIndex, tos, ttl, transmitAt } = control;
  if (tos !== undefined) checkNumber('tos', tos, 0, 255);
  if (ttl !== undefined) checkNumber('ttl', ttl, 1, 255);
  if (interfaceIndex !== undefined) checkNumber('interfaceIndex', interfaceIndex, 0, 0x7fffffff);
  if (transmitAt !== undefined) checkTime(transmitAt);
  const address = source === undefined ? undefined : bytesOf(source);
  let bits = words[at + 4] as number;
  if (address !== undefined || interfaceIndex !== undefined) {
    bits |= MessageBits.PLACE;
    words.fill(0, at + 7, at + 13);
    words[at + 7] = interfaceIndex ?? 0;
    if (address !== undefined) {
      new Uint8Array(words.buffer, words.byteOffset + 4 * (at + 8), 16).set(address);
    }
  }
  if (tos !== undefined) {
    bits |= MessageBits.TOS;
    words[at + 5] = tos;
  }
  if (ttl !== undefined) {
    bits |= MessageBits.TTL;
    words[at + 6] = ttl;
  }
  if (transmitAt !== undefined) {
    bits |= MessageBits.TIME;
    words[at + 13] = Number(transmitAt & 0xffffffffn);
    words[at + 14] = Number(transmitAt >> 32n);
  }
  words[at + 4] = bits;
}

/**
 * Sends the outgoing message through IPv4 on an IPv6 socket. For a message with an interface but no
 * source, the kernel requires the IPv4 form of the unspecified address.
 */
export function sendThroughIPv4(words: Uint32Array, at: number): void {
  if (((words[at + 4] as number) & MessageBits.PLACE) === 0) return;
  if (words[at + 8] === 0 && words[at + 9] === 0 && words[at + 11] === 0) words[at + 10] = MAPPED;
}

/** Whether the source of an outgoing message fits a socket of `family`. */
export function fitsFamily(words: Uint32Array, at: number, family: 'IPv4' | 'IPv6'): boolean {
  if (((words[at + 4] as number) & MessageBits.PLACE) === 0 || family === 'IPv6') return true;
  const any = words[at + 8] === 0 && words[at + 9] === 0 && words[at + 10] === 0;
  return isMapped(words, at) || (any && words[at + 11] === 0);
}

function bytesOf(source: unknown): Uint8Array {
  if (typeof source === 'string') {
    const four = parseIPv4(source);
    if (four !== undefined) return Uint8Array.from([...MAPPED_PREFIX, ...four]);
    const six = parseIPv6(splitZone(source).address);
    if (six !== undefined) return six;
  }
  throw new TypeError(`invalid source: '${String(source)}' (expected an IP address)`);
}

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

function checkNumber(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `invalid ${what}: ${String(value)} (expected an integer from ${least} to ${most})`,
  );
}

function checkTime(value: bigint): void {
  if (typeof value === 'bigint' && value >= 0n && value < 1n << 64n) return;
  throw new RangeError(
    `invalid transmitAt: ${String(value)} (expected a bigint of nanoseconds from 0 to 2^64 - 1)`,
  );
}
