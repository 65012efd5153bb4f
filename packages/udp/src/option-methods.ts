import type { QueuedError, SocketOption, SocketOptionName, WouldBlock } from '@evloop/core';
import {
  checkSocketOptionName,
  checkSocketOptionValue,
  LeafSource,
  systemError,
  unsupportedError,
} from '@evloop/core/backend';
import type { DgramOptions } from './dgram-options.ts';
import { udpSupports } from './supports.ts';

/** The methods of `UdpSocket` that get and set options, and those that Node does not support. */
export abstract class OptionMethods extends LeafSource {
  /** The options. @throws EVLOOP_CLOSED: the socket is closed. */
  protected abstract get options(): DgramOptions;

  socketOption<N extends SocketOptionName>(name: N): SocketOption<N> {
    this.#check(name);
    return this.options.read(name) as SocketOption<N>;
  }

  setSocketOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void {
    this.#check(name);
    const checked = checkSocketOptionValue(name, value);
    if (name === 'recvBufferSize' || name === 'sendBufferSize') {
      this.options.setBufferSize(name, checked as number);
    } else if (name !== 'ipv6Only')
      throw unsupportedError(`${name} can be set only at bind on node:dgram`);
    else throw this.options.of('IPv6', 'setsockopt') && systemError('EINVAL', 'setsockopt');
  }

  getOption(_level: number, _option: number, _size?: number): never {
    return this.#refuse('node:dgram takes no options by number');
  }

  setOption(_level: number, _option: number, _value: Uint8Array): never {
    return this.#refuse('node:dgram takes no options by number');
  }

  broadcast(): boolean {
    return this.options.broadcast;
  }

  setBroadcast(on: boolean): void {
    this.options.setBroadcast(on);
  }

  ttl(): number {
    return this.options.ttl;
  }

  setTtl(hops: number): void {
    this.options.setTtl(hops);
  }

  coalescing(): boolean {
    void this.options;
    return false;
  }

  setCoalescing(on: boolean): void {
    if (on) this.#refuse('node:dgram cannot join datagrams on receipt');
    void this.options;
  }

  recvError(): QueuedError | WouldBlock {
    return this.#refuse('node:dgram has no error queue');
  }

  pathMtu(): number {
    return this.#refuse('node:dgram does not tell the MTU of a path');
  }

  joinMulticastV4(group: string, on?: string | number): void {
    this.options.of('IPv4', 'setsockopt').member('addMembership', group, on);
  }

  leaveMulticastV4(group: string, on?: string | number): void {
    this.options.of('IPv4', 'setsockopt').member('dropMembership', group, on);
  }

  joinMulticastSource(group: string, source: string, on?: string | number): void {
    this.options.sourceMember('addSourceSpecificMembership', group, source, on);
  }

  leaveMulticastSource(group: string, source: string, on?: string | number): void {
    this.options.sourceMember('dropSourceSpecificMembership', group, source, on);
  }

  joinMulticastV6(group: string, interfaceId?: number | string): void {
    this.options.of('IPv6', 'setsockopt').member('addMembership', group, interfaceId);
  }

  leaveMulticastV6(group: string, interfaceId?: number | string): void {
    this.options.of('IPv6', 'setsockopt').member('dropMembership', group, interfaceId);
  }

  setMulticastInterfaceV4(on: string | number): void {
    this.options.of('IPv4', 'setsockopt').setMulticastInterface(on);
  }

  setMulticastInterfaceV6(interfaceId: number | string): void {
    this.options.of('IPv6', 'setsockopt').setMulticastInterface(interfaceId);
  }

  multicastInterfaceV4(): string | number {
    return this.options.of('IPv4', 'getsockopt').multicastInterface;
  }

  multicastInterfaceV6(): number | string {
    return this.options.of('IPv6', 'getsockopt').multicastInterface;
  }

  multicastTtlV4(): number {
    return this.options.of('IPv4', 'getsockopt').multicastHops;
  }

  setMulticastTtlV4(hops: number): void {
    this.options.of('IPv4', 'setsockopt').setMulticastHops(hops);
  }

  multicastHopsV6(): number {
    return this.options.of('IPv6', 'getsockopt').multicastHops;
  }

  setMulticastHopsV6(hops: number): void {
    this.options.of('IPv6', 'setsockopt').setMulticastHops(hops);
  }

  multicastLoopV4(): boolean {
    return this.options.of('IPv4', 'getsockopt').multicastLoop;
  }

  setMulticastLoopV4(on: boolean): void {
    this.options.of('IPv4', 'setsockopt').setMulticastLoop(on);
  }

  multicastLoopV6(): boolean {
    return this.options.of('IPv6', 'getsockopt').multicastLoop;
  }

  setMulticastLoopV6(on: boolean): void {
    this.options.of('IPv6', 'setsockopt').setMulticastLoop(on);
  }

  #check(name: SocketOptionName): void {
    // Throws if the socket is closed.
    void this.options;
    checkSocketOptionName(name, udpSupports.udpOptions);
  }

  #refuse(why: string): never {
    // Throws if the socket is closed.
    void this.options;
    throw unsupportedError(why);
  }
}
