import type { SocketAddress } from '../address/address.ts';
import { parseIPv4, parseIPv6 } from '../address/ip.ts';
import { unsupportedError } from '../errors.ts';
import type { Readiness } from '../registration/readiness.ts';
import type { QueuedError } from '../sockets/datagram-control.ts';
import {
  checkSocketOptionName,
  checkSocketOptionValue,
  givenSocketOptions,
} from '../sockets/socket-option-value.ts';
import type { SocketOption, SocketOptionName } from '../sockets/socket-options.ts';
import type { UdpBindOptions } from '../sockets/udp-options.ts';
import type { Source } from '../source.ts';
import { type SystemError, systemError } from '../system-error.ts';
import type { WouldBlock } from '../would-block.ts';
import { UserSpaceSocket } from './user-space-socket.ts';

type Family = SocketAddress['family'];

/** The buffer of a datagram socket on Linux by default (`net.core.rmem_default`). */
const DEFAULT_BUFFER = 212_992;

/** Makes the error that the system would report: see `systemError`. */
export type MakeError = (
  code: string,
  syscall: string,
  at?: Partial<Pick<SystemError, 'address' | 'port'>>,
) => SystemError;

/**
 * The options of a datagram socket in user space: checks them, keeps them, and tells the backend.
 */
export abstract class UserSpaceDatagramOptions extends UserSpaceSocket {
  protected readonly local: SocketAddress;
  readonly #values = new Map<string, boolean | number | string>();
  readonly #groups: Set<string> = new Set();

  /** The options by name that such a socket has: a part of the backend's own `supports`. */
  static readonly udpOptions: readonly SocketOptionName[] = Object.freeze([
    'recvBufferSize',
    'sendBufferSize',
    'ipv6Only',
    'reuseAddr',
    'reusePort',
  ] as const);

  /** @param local the address that the socket is bound to. */
  constructor(
    local: SocketAddress,
    options: UdpBindOptions,
    Kind?: new (source: Source) => Readiness,
  ) {
    super(Kind);
    this.local = local;
    const { socket } = options;
    for (const name of givenSocketOptions(socket, UserSpaceDatagramOptions.udpOptions)) {
      this.#keep(name, checkSocketOptionValue(name, socket?.[name]));
    }
  }

  override socketOption<N extends SocketOptionName>(name: N): SocketOption<N> {
    this.checkOpen();
    checkSocketOptionName(name, UserSpaceDatagramOptions.udpOptions);
    if (name === 'ipv6Only') return this.#ipv6Only() as SocketOption<N>;
    const initial = name === 'reuseAddr' || name === 'reusePort' ? false : DEFAULT_BUFFER;
    return this.#get(name, initial) as SocketOption<N>;
  }

  override setSocketOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void {
    this.checkOpen();
    checkSocketOptionName(name, UserSpaceDatagramOptions.udpOptions);
    const checked = checkSocketOptionValue(name, value);
    if (name === 'ipv6Only') {
      this.#check('IPv6', 'setsockopt');
      throw this.makeError('EINVAL', 'setsockopt');
    }
    this.#keep(name, checked);
  }

  broadcast(): boolean {
    return this.#get('broadcast', false);
  }

  setBroadcast(on: boolean): void {
    this.#set('broadcast', on);
  }

  ttl(): number {
    return this.#get('ttl', 64);
  }

  recvError(): QueuedError | WouldBlock {
    return this.refuse('this backend has no error queue');
  }

  pathMtu(): number {
    return this.refuse('this backend knows no MTU of a path');
  }

  /** Returns the address of an interface. User space has no names and indexes of interfaces. */
  #interface(on: string | number = 0): string {
    if (on === 0) return '0.0.0.0';
    const unknown = typeof on === 'number' || (typeof on === 'string' && !parseIPv4(on));
    if (unknown) throw this.makeError('ENODEV', 'setsockopt');
    return on;
  }

  setTtl(hops: number): void {
    this.checkOpen();
    this.#set('ttl', checkInteger('hop limit', hops, 1, 255));
  }

  joinMulticastV4(group: string, on?: string | number): void {
    this.#joinV4(group, this.#interface(on), true);
  }

  leaveMulticastV4(group: string, on?: string | number): void {
    this.#joinV4(group, this.#interface(on), false);
  }

  joinMulticastSource(_group: string, _source: string, _on?: string | number): void {
    this.refuse('this backend joins no groups by source');
  }

  leaveMulticastSource(_group: string, _source: string, _on?: string | number): void {
    this.refuse('this backend joins no groups by source');
  }

  joinMulticastV6(group: string, interfaceId: number | string = 0): void {
    this.#joinV6(group, interfaceId, true);
  }

  leaveMulticastV6(group: string, interfaceId: number | string = 0): void {
    this.#joinV6(group, interfaceId, false);
  }

  setMulticastInterfaceV4(on: string | number): void {
    this.#check('IPv4', 'setsockopt');
    checkIPv4('on', this.#interface(on));
    this.#set('interface', on);
  }

  setMulticastInterfaceV6(interfaceId: number | string): void {
    this.#check('IPv6', 'setsockopt');
    this.#set('interface', interfaceId);
  }

  multicastInterfaceV4(): string | number {
    this.#check('IPv4', 'getsockopt');
    return this.#get<number | string>('interface', '0.0.0.0');
  }

  multicastInterfaceV6(): number | string {
    this.#check('IPv6', 'getsockopt');
    return this.#get<number | string>('interface', 0);
  }

  multicastTtlV4(): number {
    this.#check('IPv4', 'getsockopt');
    return this.multicastHops;
  }

  setMulticastTtlV4(hops: number): void {
    this.#check('IPv4', 'setsockopt');
    this.#set('groupHops', checkInteger('hop limit', hops, 0, 255));
  }

  multicastHopsV6(): number {
    this.#check('IPv6', 'getsockopt');
    return this.multicastHops;
  }

  setMulticastHopsV6(hops: number): void {
    this.#check('IPv6', 'setsockopt');
    this.#set('groupHops', checkInteger('hop limit', hops, 0, 255));
  }

  multicastLoopV4(): boolean {
    this.#check('IPv4', 'getsockopt');
    return this.multicastLoop;
  }

  setMulticastLoopV4(on: boolean): void {
    this.#check('IPv4', 'setsockopt');
    this.#set('loop', on);
  }

  multicastLoopV6(): boolean {
    this.#check('IPv6', 'getsockopt');
    return this.multicastLoop;
  }

  setMulticastLoopV6(on: boolean): void {
    this.#check('IPv6', 'setsockopt');
    this.#set('loop', on);
  }

  coalescing(): boolean {
    this.checkOpen();
    return false;
  }

  setCoalescing(on: boolean): void {
    this.checkOpen();
    if (on) throw unsupportedError('joining datagrams is not supported by user-space sockets');
  }

  /** For backends: the hop limit of multicast datagrams. */
  protected get multicastHops(): number {
    return this.#get('groupHops', 1);
  }

  /** For backends: whether members on this host receive what is sent to a group. */
  protected get multicastLoop(): boolean {
    return this.#get('loop', true);
  }

  /** For backends: the groups that were joined, as they were given. */
  protected get groups(): ReadonlySet<string> {
    return this.#groups;
  }

  /**
   * For backends: returns the size that the system makes of a requested buffer of `bytes` bytes.
   */
  protected bufferSize(bytes: number): number {
    return bytes;
  }

  /** For backends: makes the errors of this socket. */
  protected makeError(...args: Parameters<MakeError>): SystemError {
    const [code, syscall, at] = args;
    return systemError(code, syscall, at as Pick<SystemError, 'address' | 'port'>);
  }

  #keep(name: SocketOptionName, value: unknown): void {
    const isSize = name === 'recvBufferSize' || name === 'sendBufferSize';
    this.#values.set(name, isSize ? this.bufferSize(value as number) : (value as boolean));
  }

  #ipv6Only(): boolean {
    if (this.local.family === 'IPv4') throw this.makeError('ENOTSUP', 'getsockopt');
    return this.local.address !== '::' || this.#get('ipv6Only', false);
  }

  #joinV4(group: string, interfaceAddress: string, join: boolean): void {
    this.#check('IPv4', 'setsockopt');
    const first = checkIPv4('group', group)[0] as number;
    checkIPv4('interfaceAddress', interfaceAddress);
    this.#member(group, first >= 224 && first < 240, join);
  }

  #joinV6(group: string, interfaceId: number | string, join: boolean): void {
    this.#check('IPv6', 'setsockopt');
    const bytes = parseIPv6(group);
    if (bytes === undefined) throw new TypeError(`invalid group: '${group}' (expected IPv6)`);
    if (interfaceId !== 0 && interfaceId !== 1 && interfaceId !== 'lo') {
      throw this.makeError('ENODEV', 'setsockopt');
    }
    this.#member(group, bytes[0] === 0xff, join);
  }

  #member(group: string, isGroup: boolean, join: boolean): void {
    if (!isGroup) throw this.makeError('EINVAL', 'setsockopt');
    if (join === this.#groups.has(group)) {
      throw this.makeError(join ? 'EADDRINUSE' : 'EADDRNOTAVAIL', 'setsockopt');
    }
    if (join) this.#groups.add(group);
    else this.#groups.delete(group);
  }

  #check(family: Family, syscall: string): void {
    this.checkOpen();
    if (family !== this.local.family) throw this.makeError('EAFNOSUPPORT', syscall);
  }

  #get<Value extends boolean | number | string>(name: string, initial: Value): Value {
    this.checkOpen();
    return (this.#values.get(name) as Value | undefined) ?? initial;
  }

  #set(name: string, value: boolean | number | string): void {
    this.checkOpen();
    this.#values.set(name, value);
  }
}

function checkInteger(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(
    `invalid ${name}: ${String(value)} (expected an integer from ${least} to ${most})`,
  );
}

function checkIPv4(name: string, text: string): Uint8Array {
  const bytes = typeof text === 'string' ? parseIPv4(text) : undefined;
  if (bytes !== undefined) return bytes;
  throw new TypeError(`invalid ${name}: '${String(text)}' (expected an IPv4 address)`);
}
