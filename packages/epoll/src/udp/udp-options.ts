import type { SocketAddress, SocketOptionName } from '@evloop/core';
import { errnoError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { asFlag, checkInteger, getIntOption, setIntOption } from '../native/socket-option.ts';
import { getHopLimit, setHopLimit } from '../socket/ip-socket.ts';
import { OPTION_NAMES } from '../socket/option-names.ts';
import { SocketSource } from '../socket/socket-source.ts';
import type { DatagramRegistration } from './datagram-registration.ts';
import {
  changeMembershipV4,
  changeMembershipV6,
  changeSourceMembership,
  indexOfInterface,
  setInterfaceV4,
} from './multicast.ts';

const { IPPROTO_IP, IPPROTO_IPV6, SOL_SOCKET, EAFNOSUPPORT } = native.constants;
const { SO_BROADCAST, IP_MULTICAST_TTL, IP_MULTICAST_LOOP } = native.constants;
const { IPV6_MULTICAST_IF } = native.constants;
const { IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP } = native.constants;

type Family = SocketAddress['family'];

/** The options of a UDP socket, each of which the kernel keeps. */
export abstract class UdpOptions extends SocketSource<DatagramRegistration> {
  protected abstract readonly family: Family;
  #interfaceV4: string | number = '0.0.0.0';
  #interfaceV6: number | string = 0;

  protected override get optionNames(): readonly SocketOptionName[] {
    return OPTION_NAMES.udp;
  }

  broadcast(): boolean {
    return this.#get(SOL_SOCKET, SO_BROADCAST) !== 0;
  }
  setBroadcast(on: boolean): void {
    this.#set(SOL_SOCKET, SO_BROADCAST, asFlag(on));
  }

  ttl(): number {
    return getHopLimit(this.openFd());
  }
  setTtl(hops: number): void {
    setHopLimit(this.openFd(), hops);
  }

  joinMulticastV4(group: string, on?: string | number): void {
    changeMembershipV4(this.#fdOf('IPv4'), 'addMembership', group, on);
  }
  leaveMulticastV4(group: string, on?: string | number): void {
    changeMembershipV4(this.#fdOf('IPv4'), 'dropMembership', group, on);
  }
  joinMulticastV6(group: string, on?: number | string): void {
    changeMembershipV6(this.#fdOf('IPv6'), 'addMembership', group, on);
  }
  leaveMulticastV6(group: string, on?: number | string): void {
    changeMembershipV6(this.#fdOf('IPv6'), 'dropMembership', group, on);
  }
  joinMulticastSource(group: string, source: string, on?: string | number): void {
    changeSourceMembership(this.openFd(), 'addMembership', this.family, [group, source, on]);
  }
  leaveMulticastSource(group: string, source: string, on?: string | number): void {
    changeSourceMembership(this.openFd(), 'dropMembership', this.family, [group, source, on]);
  }

  setMulticastInterfaceV4(on: string | number): void {
    setInterfaceV4(this.#fdOf('IPv4'), on);
    this.#interfaceV4 = on;
  }
  setMulticastInterfaceV6(interfaceId: number | string): void {
    const index = indexOfInterface(this.#fdOf('IPv6'), interfaceId);
    this.#set(IPPROTO_IPV6, IPV6_MULTICAST_IF, index, 'IPv6');
    this.#interfaceV6 = interfaceId;
  }
  multicastInterfaceV4(): string | number {
    this.#fdOf('IPv4');
    return this.#interfaceV4;
  }
  multicastInterfaceV6(): number | string {
    this.#fdOf('IPv6');
    return this.#interfaceV6;
  }

  multicastTtlV4(): number {
    return this.#get(IPPROTO_IP, IP_MULTICAST_TTL, 'IPv4');
  }
  setMulticastTtlV4(hops: number): void {
    checkInteger('hop limit', hops, 0, 255);
    this.#set(IPPROTO_IP, IP_MULTICAST_TTL, hops, 'IPv4');
  }
  multicastHopsV6(): number {
    return this.#get(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 'IPv6');
  }
  setMulticastHopsV6(hops: number): void {
    checkInteger('hop limit', hops, 0, 255);
    this.#set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops, 'IPv6');
  }

  multicastLoopV4(): boolean {
    return this.#get(IPPROTO_IP, IP_MULTICAST_LOOP, 'IPv4') !== 0;
  }
  setMulticastLoopV4(on: boolean): void {
    this.#set(IPPROTO_IP, IP_MULTICAST_LOOP, asFlag(on), 'IPv4');
  }
  multicastLoopV6(): boolean {
    return this.#get(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 'IPv6') !== 0;
  }
  setMulticastLoopV6(on: boolean): void {
    this.#set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, asFlag(on), 'IPv6');
  }

  #get(level: number, option: number, family?: Family): number {
    return getIntOption(this.#fdOf(family), level, option);
  }

  #set(level: number, option: number, value: number, family?: Family): void {
    setIntOption(this.#fdOf(family), level, option, value);
  }

  #fdOf(family: Family | undefined): number {
    const fd = this.openFd();
    if (family !== undefined && family !== this.family)
      throw errnoError(-EAFNOSUPPORT, 'setsockopt');
    return fd;
  }
}
