import type { Socket } from 'node:dgram';
import type { SocketOptionName, SocketOptions, SystemError } from '@evloop/core';
import { parseIPv4, parseIPv6, systemError, unsupportedError } from '@evloop/core/backend';
import { addressOf, zoneOf } from './interfaces.ts';
import { udpSupports } from './supports.ts';
import { toSystemError } from './system-error.ts';

const ADD = 'addMembership';
const DROP = 'dropMembership';
const LONGEST = 0x7fffffff;

/**
 * The options of a `node:dgram` socket. Node can read back only the buffer sizes. For the others,
 * this class remembers what was set, and the kernel's default before that.
 */
export class DgramOptions {
  readonly #family: 'IPv4' | 'IPv6';
  readonly #dgram: Socket;
  readonly #bind: SocketOptions;
  broadcast = false;
  ttl = 64;
  multicastHops = 1;
  multicastLoop = true;
  multicastInterface: number | string;

  /** @internal */
  constructor(dgram: Socket, family: 'IPv4' | 'IPv6', bind: SocketOptions) {
    this.#dgram = dgram;
    this.#family = family;
    this.#bind = bind;
    this.multicastInterface = family === 'IPv4' ? '0.0.0.0' : 0;
  }

  /** @throws `EAFNOSUPPORT`: the socket is of the other family. */
  of(family: 'IPv4' | 'IPv6', syscall: 'getsockopt' | 'setsockopt'): this {
    if (family !== this.#family) throw systemError('EAFNOSUPPORT', syscall);
    return this;
  }

  /** Returns an option of the catalogue. */
  read(name: SocketOptionName): boolean | number {
    if (name === 'recvBufferSize') return this.#dgram.getRecvBufferSize();
    if (name === 'sendBufferSize') return this.#dgram.getSendBufferSize();
    if (name === 'ipv6Only') return this.of('IPv6', 'getsockopt').#flag(name);
    return this.#flag(name as 'reuseAddr' | 'reusePort');
  }

  #flag(name: 'reuseAddr' | 'reusePort' | 'ipv6Only'): boolean {
    const asked = this.#bind[name] ?? false;
    if (asked || name !== 'ipv6Only') return asked;
    // A socket with a specific address is reached only by that.
    const { address } = this.#dgram.address();
    return address !== '::' && !address.startsWith('::ffff:');
  }

  setBroadcast(on: boolean): void {
    this.#dgram.setBroadcast(checkFlag(on));
    this.broadcast = on;
  }

  setTtl(hops: number): void {
    this.#dgram.setTTL(checkNumber('hop limit', hops, 1, 255));
    this.ttl = hops;
  }

  setMulticastHops(hops: number): void {
    this.#dgram.setMulticastTTL(checkNumber('hop limit', hops, 0, 255));
    this.multicastHops = hops;
  }

  setMulticastLoop(on: boolean): void {
    this.#dgram.setMulticastLoopback(checkFlag(on));
    this.multicastLoop = on;
  }

  setMulticastInterface(id: number | string): void {
    const name =
      this.#family === 'IPv4' ? (ipv4Interface(id) ?? '0.0.0.0') : (ipv6Interface(id) ?? '::');
    this.#dgram.setMulticastInterface(name);
    this.multicastInterface = id;
  }

  member(deed: 'addMembership' | 'dropMembership', group: string, on?: number | string): void {
    if (this.#family === 'IPv4') {
      this.#dgram[deed](checkIPv4(group), ipv4Interface(on ?? 0));
    } else {
      checkIPv6(group);
      this.#dgram[deed](group, ipv6Interface(on ?? 0));
    }
  }

  sourceMember(
    deed: 'addSourceSpecificMembership' | 'dropSourceSpecificMembership',
    group: string,
    source: string,
    on: number | string = 0,
  ): void {
    if (!udpSupports.udpSourceMulticast) {
      throw unsupportedError('source-specific membership is not supported by this runtime');
    }
    const four = this.#family === 'IPv4';
    const check = four ? checkIPv4 : checkIPv6;
    check(group);
    check(source);
    try {
      this.#dgram[deed](source, group, four ? ipv4Interface(on) : ipv6Interface(on));
    } catch (error) {
      // Node's name of the call differs from that of groups.
      const { code } = error as SystemError;
      throw systemError(code, deed === 'addSourceSpecificMembership' ? ADD : DROP);
    }
  }

  setBufferSize(name: 'recvBufferSize' | 'sendBufferSize', bytes: number): void {
    try {
      if (name === 'recvBufferSize') this.#dgram.setRecvBufferSize(bytes);
      else this.#dgram.setSendBufferSize(bytes);
    } catch (error) {
      throw toSystemError(error);
    }
  }
}

export function checkNumber(what: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(
    `invalid ${what}: ${String(value)} (expected an integer from ${least} to ${most})`,
  );
}

export function checkFlag(on: boolean): boolean {
  if (typeof on === 'boolean') return on;
  throw new TypeError(`invalid option value: ${String(on)} (expected a boolean)`);
}

function checkIPv4(text: number | string): string {
  if (typeof text === 'string' && parseIPv4(text) !== undefined) return text;
  throw new TypeError(`invalid address: '${String(text)}' (expected an IPv4 address)`);
}

function checkIPv6(text: number | string): void {
  if (typeof text === 'string' && parseIPv6(text) !== undefined) return;
  throw new TypeError(`invalid address: '${String(text)}' (expected an IPv6 address)`);
}

/**
 * Returns an IPv4 address of an interface, as libuv takes it. `undefined` lets the system choose.
 */
function ipv4Interface(id: number | string): string | undefined {
  if (id === 0 || id === '0.0.0.0') return undefined;
  if (typeof id === 'number') checkNumber('interface index', id, 0, LONGEST);
  else if (typeof id !== 'string')
    throw new TypeError(
      `invalid interface: ${String(id)} (expected an address, a name or an index)`,
    );
  const address = typeof id === 'string' && parseIPv4(id) !== undefined ? id : addressOf(id);
  if (address !== undefined) return address;
  throw systemError('ENODEV', 'setsockopt');
}

/** Returns an interface as the zone of an address, as libuv takes it. */
function ipv6Interface(id: number | string): string | undefined {
  if (id === 0) return undefined;
  if (typeof id === 'number') checkNumber('interface index', id, 0, LONGEST);
  else if (typeof id !== 'string')
    throw new TypeError(`invalid interface: ${String(id)} (expected an index or a name)`);
  const zone = zoneOf(id);
  if (zone === undefined) throw systemError('ENODEV', 'setsockopt');
  return `::%${zone}`;
}
