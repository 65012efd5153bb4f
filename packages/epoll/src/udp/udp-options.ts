import type { SocketAddress, SocketOptionName } from '@evloop/core';
import { native } from '../native/native.ts';
import { asFlag, checkInteger, getIntOption, setIntOption } from '../native/socket-option.ts';
import { check, systemError } from '../native/system-error.ts';
import { getHopLimit, setHopLimit } from '../socket/ip-socket.ts';
import { OPTION_NAMES } from '../socket/option-names.ts';
import { SocketSource } from '../socket/socket-source.ts';
import type { StreamRegistration } from '../socket/stream-registration.ts';
import {
  bytesOfIPv4,
  changeMembershipV4,
  changeMembershipV6,
  indexOfInterface,
} from './multicast.ts';

const { IPPROTO_IP, IPPROTO_IPV6, SOL_SOCKET, EAFNOSUPPORT } = native.constants;
const { SO_BROADCAST, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IP_MULTICAST_IF } = native.constants;
const { IP_MULTICAST_TTL, IP_MULTICAST_LOOP } = native.constants;
const { IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP, IPV6_MULTICAST_IF } = native.constants;
const { IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP } = native.constants;

type Family = SocketAddress['family'];

/** The options of a UDP socket, each of which the kernel keeps. */
export abstract class UdpOptions extends SocketSource<StreamRegistration> {
  protected abstract readonly family: Family;
  #interfaceV4 = '0.0.0.0';
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

  joinMulticastV4(group: string, interfaceAddress?: string): void {
    const fd = this.#fdOf('IPv4');
    changeMembershipV4(fd, IP_ADD_MEMBERSHIP, 'addMembership', group, interfaceAddress);
  }
  leaveMulticastV4(group: string, interfaceAddress?: string): void {
    const fd = this.#fdOf('IPv4');
    changeMembershipV4(fd, IP_DROP_MEMBERSHIP, 'dropMembership', group, interfaceAddress);
  }
  joinMulticastV6(group: string, interfaceId?: number | string): void {
    const fd = this.#fdOf('IPv6');
    changeMembershipV6(fd, IPV6_JOIN_GROUP, 'addMembership', group, interfaceId);
  }
  leaveMulticastV6(group: string, interfaceId?: number | string): void {
    const fd = this.#fdOf('IPv6');
    changeMembershipV6(fd, IPV6_LEAVE_GROUP, 'dropMembership', group, interfaceId);
  }

  setMulticastInterfaceV4(interfaceAddress: string): void {
    const bytes = bytesOfIPv4(interfaceAddress);
    const fd = this.#fdOf('IPv4');
    check(native.setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, bytes), 'setsockopt');
    this.#interfaceV4 = interfaceAddress;
  }
  setMulticastInterfaceV6(interfaceId: number | string): void {
    this.#fdOf('IPv6');
    this.#set(IPPROTO_IPV6, IPV6_MULTICAST_IF, indexOfInterface(interfaceId), 'IPv6');
    this.#interfaceV6 = interfaceId;
  }
  multicastInterfaceV4(): string {
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
    checkInteger('a hop limit', hops, 0, 255);
    this.#set(IPPROTO_IP, IP_MULTICAST_TTL, hops, 'IPv4');
  }
  multicastHopsV6(): number {
    return this.#get(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 'IPv6');
  }
  setMulticastHopsV6(hops: number): void {
    checkInteger('a hop limit', hops, 0, 255);
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
      throw systemError(-EAFNOSUPPORT, 'setsockopt');
    return fd;
  }
}
