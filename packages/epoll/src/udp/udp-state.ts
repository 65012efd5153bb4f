import {
  type QueuedError,
  type SocketAddress,
  type SocketAddressLike,
  type SocketOption,
  type SocketOptionName,
  type Steering,
  type SystemError,
  toSocketAddress,
  type UdpCounters,
  type WouldBlock,
} from '@evloop/core';
import { EvloopError, type Origin, unsupportedError } from '@evloop/core/backend';
import { datagramError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { asFlag, getIntOption, setIntOption } from '../native/socket-option.ts';
import { getDatagramOption, isDatagramOption } from '../socket/datagram-options.ts';
import { errorAddress, localAddress } from '../socket/ip-socket.ts';
import { supports } from '../supports.ts';
import { DatagramRegistration } from './datagram-registration.ts';
import { pathMtu } from './path-mtu.ts';
import { UdpOptions } from './udp-options.ts';
import { connectPeer, disconnectPeer, type Peer } from './udp-peer.ts';

const { EAFNOSUPPORT, ENOTCONN, EINVAL } = native.constants;
const { SOL_SOCKET, SO_ERROR, IPPROTO_UDP, UDP_GRO } = native.constants;

/** `SO_MEMINFO` of socket(7): nine counters of a socket. The last one counts its drops. */
const SO_MEMINFO = 55;
const SK_MEMINFO_DROPS = 8;

/** The options that make the kernel report more about each datagram. */
const INFORMING = ['packetInfo', 'recvTos', 'recvTtl', 'recvTimestamps'] as const;

/**
 * The state of a UDP socket apart from its datagrams: its peer, its errors, its counters and its
 * options.
 */
export abstract class UdpState extends UdpOptions {
  protected readonly family: SocketAddress['family'];
  protected peer: Peer | undefined;
  /** Whether the kernel joins datagrams. */
  protected joining = false;
  /** Whether the kernel reports more about each datagram. */
  protected informed = false;
  protected readonly segmentedHere = { messages: 0 };
  #steering: Steering | null = null;

  constructor(fd: number, origin: Origin, family: SocketAddress['family']) {
    super(fd, origin);
    this.family = family;
  }

  connect(address: SocketAddressLike): void {
    const fd = this.openFd();
    const to = this.destination(address, 'connect');
    if (to.port === 0) throw datagramError(-EINVAL, 'connect', errorAddress(to));
    this.peer = connectPeer(fd, to, this.peer);
  }

  disconnect(): void {
    const fd = this.openFd();
    if (this.peer === undefined) throw datagramError(-ENOTCONN, 'disconnect');
    const { device } = this.peer;
    this.peer = undefined;
    disconnectPeer(fd, device);
  }

  localAddr(): SocketAddress {
    return localAddress(this.openFd());
  }

  peerAddr(): SocketAddress {
    this.openFd();
    if (this.peer === undefined) throw datagramError(-ENOTCONN, 'getpeername');
    return { ...this.peer.address };
  }

  takeError(): SystemError | undefined {
    const fd = this.openFd();
    const errno =
      this.registration.datagrams?.takeErrno() || getIntOption(fd, SOL_SOCKET, SO_ERROR);
    return errno === 0 ? undefined : datagramError(-errno, 'recvmsg', this.peer?.address);
  }

  counters(): UdpCounters {
    const words = new Uint32Array(SK_MEMINFO_DROPS + 1);
    const bytes = new Uint8Array(words.buffer);
    const size = native.getsockopt(this.openFd(), SOL_SOCKET, SO_MEMINFO, bytes);
    const kernelDrops = size === bytes.length ? words[SK_MEMINFO_DROPS] : undefined;
    const { errorDrops } = this.registration;
    const { messages } = this.segmentedHere;
    return { queueDrops: 0, kernelDrops, errorDrops, segmentedHere: messages };
  }

  coalescing(): boolean {
    this.openFd();
    return this.joining;
  }

  setCoalescing(on: boolean): void {
    const fd = this.openFd();
    const value = asFlag(on);
    if (on && !supports.udpCoalescing) {
      throw unsupportedError(
        'joining datagrams is not supported by this kernel (UDP_GRO needs Linux 5.0)',
      );
    }
    if (supports.udpCoalescing) setIntOption(fd, IPPROTO_UDP, UDP_GRO, value);
    this.joining = on;
  }

  recvError(): QueuedError | WouldBlock {
    return this.registration.errors.take(this.openFd());
  }

  pathMtu(): number {
    return pathMtu(this.openFd(), this.family);
  }

  override socketOption<N extends SocketOptionName>(name: N): SocketOption<N> {
    const value = super.socketOption(name);
    return name === 'steering' ? (this.#steering as SocketOption<N>) : value;
  }

  override setSocketOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void {
    super.setSocketOption(name, value);
    if (name === 'steering') this.#steering = value as Steering | null;
    else if (isDatagramOption(name)) this.inquire();
  }

  override setOption(level: number, option: number, value: Uint8Array): void {
    super.setOption(level, option, value);
    this.inquire();
  }

  /** Asks the kernel what it reports, and whether it joins datagrams. */
  protected inquire(steering?: Steering | null): void {
    const { fd } = this.registration;
    this.registration.reporting = getDatagramOption(fd, 'recvErrors') === true;
    this.informed = INFORMING.some((name) => getDatagramOption(fd, name) === true);
    this.joining = supports.udpCoalescing && getIntOption(fd, IPPROTO_UDP, UDP_GRO) !== 0;
    if (steering !== undefined) this.#steering = steering;
  }

  // What was sent before an operation has left before it.
  protected override openFd(): number {
    this.registration.datagrams?.flush();
    return super.openFd();
  }

  /** The descriptor, for operations that need not follow what is held. */
  protected transferFd(): number {
    return super.openFd();
  }

  /** @throws `EVLOOP_BUSY`: the kernel has not yet taken all that was sent (corked polls). */
  override intoFd(): number {
    this.openFd();
    if (this.registration.datagrams?.holding) {
      throw new EvloopError(
        'EVLOOP_BUSY',
        'the socket holds datagrams that the kernel has not taken',
      );
    }
    return super.intoFd();
  }

  protected override createRegistration(fd: number): DatagramRegistration {
    return new DatagramRegistration(this, fd);
  }

  protected destination(address: SocketAddressLike, syscall: string): SocketAddress {
    const to = toSocketAddress(address);
    if (to.family !== this.family) throw datagramError(-EAFNOSUPPORT, syscall, errorAddress(to));
    return to;
  }
}
