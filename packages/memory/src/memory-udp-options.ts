import type {
  Readiness,
  SocketAddress,
  SocketOption,
  SocketOptionName,
  UdpBindOptions,
} from '@evloop/core';
import {
  checkSocketOptionName,
  checkSocketOptionValue,
  givenSocketOptions,
  parseIPv4,
  systemError,
  UserSpaceSocket,
  unsupportedError,
} from '@evloop/core/backend';

// Not a model for other backends: the options of the datagram socket in memory. Most are only
// remembered.

type Family = 'IPv4' | 'IPv6';
type Values = Record<string, boolean | number | string>;

/** The options of the catalogue that it has. */
export const UDP_OPTIONS: readonly SocketOptionName[] = [
  'recvBufferSize',
  'sendBufferSize',
  'ipv6Only',
  'reuseAddr',
];

function number(value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${value} is out of range`);
}

/** The options of a datagram socket in memory. */
export abstract class MemoryUdpOptions extends UserSpaceSocket {
  protected readonly local: SocketAddress;
  readonly #values: Values;

  constructor(readiness: typeof Readiness, local: SocketAddress, options: UdpBindOptions) {
    super(readiness);
    this.local = local;
    this.#values = this.#defaults();
    for (const name of givenSocketOptions(options.socket, UDP_OPTIONS)) {
      this.#values[name] = checkSocketOptionValue(name, options.socket?.[name]) as number;
    }
    if (local.address !== '::') this.#values['ipv6Only'] = true;
  }

  #defaults(): Values {
    const any = this.local.family === 'IPv4' ? '0.0.0.0' : 0;
    const sizes = { recvBufferSize: 212992, sendBufferSize: 212992 };
    return {
      ...sizes,
      reuseAddr: false,
      ipv6Only: false,
      broadcast: false,
      hops: 64,
      groupHops: 1,
      loop: true,
      interface: any,
    };
  }

  broadcast(): boolean {
    return this.#get('broadcast') as boolean;
  }
  setBroadcast(on: boolean): void {
    this.#set('broadcast', on);
  }
  ttl(): number {
    return this.#get('hops') as number;
  }
  setTtl(hops: number): void {
    this.#set('hops', number(hops, 1, 255));
  }
  override socketOption<N extends SocketOptionName>(name: N): SocketOption<N> {
    this.checkOpen();
    checkSocketOptionName(name, UDP_OPTIONS);
    return this.#get(name, name === 'ipv6Only' ? 'IPv6' : undefined) as SocketOption<N>;
  }
  override setSocketOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void {
    this.checkOpen();
    checkSocketOptionName(name, UDP_OPTIONS);
    const checked = checkSocketOptionValue(name, value);
    if (!name.endsWith('BufferSize')) throw systemError('EINVAL', 'setsockopt');
    this.#set(name, checked as number);
  }
  joinMulticastV4(group: string, on: string | number = '0.0.0.0'): void {
    this.#get('loop', 'IPv4');
    for (const text of [group, on]) {
      if (parseIPv4(String(text)) === undefined) throw new TypeError(`${text} is no IPv4 address`);
    }
  }
  leaveMulticastV4(group: string, on?: string | number): void {
    this.joinMulticastV4(group, on);
  }
  joinMulticastSource(): void {
    this.checkOpen();
    throw unsupportedError('memory joins no groups by source');
  }
  leaveMulticastSource(): void {
    this.joinMulticastSource();
  }
  joinMulticastV6(): void {
    this.#get('loop', 'IPv6');
  }
  leaveMulticastV6(): void {
    this.#get('loop', 'IPv6');
  }
  setMulticastInterfaceV4(address: string | number): void {
    this.#set('interface', address, 'IPv4');
  }
  setMulticastInterfaceV6(id: number | string): void {
    this.#set('interface', id, 'IPv6');
  }
  multicastInterfaceV4(): string | number {
    return this.#get('interface', 'IPv4') as string | number;
  }
  multicastInterfaceV6(): number | string {
    return this.#get('interface', 'IPv6') as number | string;
  }
  multicastTtlV4(): number {
    return this.#get('groupHops', 'IPv4') as number;
  }
  setMulticastTtlV4(hops: number): void {
    this.#set('groupHops', number(hops, 0, 255), 'IPv4');
  }
  multicastHopsV6(): number {
    return this.#get('groupHops', 'IPv6') as number;
  }
  setMulticastHopsV6(hops: number): void {
    this.#set('groupHops', number(hops, 0, 255), 'IPv6');
  }
  multicastLoopV4(): boolean {
    return this.#get('loop', 'IPv4') as boolean;
  }
  setMulticastLoopV4(on: boolean): void {
    this.#set('loop', on, 'IPv4');
  }
  multicastLoopV6(): boolean {
    return this.#get('loop', 'IPv6') as boolean;
  }
  setMulticastLoopV6(on: boolean): void {
    this.#set('loop', on, 'IPv6');
  }
  coalescing(): boolean {
    return false;
  }
  setCoalescing(on: boolean): void {
    if (on) throw unsupportedError('memory joins nothing');
  }
  #get(name: string, family: Family = this.local.family): boolean | number | string {
    this.checkOpen();
    if (family !== this.local.family) throw systemError('EAFNOSUPPORT', 'getsockopt');
    return this.#values[name] as boolean | number | string;
  }
  #set(name: string, value: boolean | number | string, family?: Family): void {
    this.#get(name, family);
    this.#values[name] = value;
  }
}
