import {
  type DatagramBatch,
  Interest,
  type ReceivedDatagram,
  type SocketAddress,
  type SocketAddressLike,
  type SystemError,
  toSocketAddress,
  type UdpBindOptions,
  type UdpCounters,
  type UdpSocket as UdpSocketContract,
  WouldBlock,
} from '@evloop/core';
import {
  captureOrigin,
  checkBatch,
  checkRange,
  type Origin,
  unsupportedError,
} from '@evloop/core/backend';
import { adoptSocket } from '../descriptor/adopted-fd.ts';
import { isInside } from '../native/inside.ts';
import { messageName, receiveFrom, transmit, transmitTo } from '../native/message-calls.ts';
import { native } from '../native/native.ts';
import { decodeIpName, encodeIpName, scratchName } from '../native/sockaddr.ts';
import { asFlag, getIntOption, setIntOption } from '../native/socket-option.ts';
import { check, systemError, transferred } from '../native/system-error.ts';
import { errorAddress, localAddress, openSocket } from '../socket/ip-socket.ts';
import { OPTION_NAMES } from '../socket/option-names.ts';
import { setSocketOptions } from '../socket/socket-options.ts';
import { StreamRegistration } from '../socket/stream-registration.ts';
import { supports } from '../supports.ts';
import { receiveMessages, sendMessages } from './datagram-messages.ts';
import { readSender, writeSender } from './senders.ts';
import { UdpOptions } from './udp-options.ts';
import { connectPeer, disconnectPeer, type Peer } from './udp-peer.ts';

const { EAGAIN, EINTR, EAFNOSUPPORT, EDESTADDRREQ, EISCONN, ENOTCONN } = native.constants;
const { SOCK_DGRAM, MSG_PEEK, MSG_TRUNC } = native.constants;
const { SOL_SOCKET, SO_REUSEADDR, SO_REUSEPORT } = native.constants;
const { IPPROTO_IPV6, IPV6_V6ONLY, IPPROTO_UDP, UDP_GRO } = native.constants;

/** `SO_MEMINFO` of socket(7): nine counters of a socket, of which the last is what it has dropped. */
const SO_MEMINFO = 55;
const SK_MEMINFO_DROPS = 8;

/** A UDP socket on a kernel descriptor. */
export class UdpSocket extends UdpOptions implements UdpSocketContract {
  protected readonly family: SocketAddress['family'];
  #peer: Peer | undefined;
  #truncated = false;
  #coalescing = false;
  readonly #segmentedHere = { messages: 0 };

  private constructor(fd: number, origin: Origin, family: SocketAddress['family']) {
    super(fd, origin);
    this.family = family;
  }

  static override bind(address: SocketAddressLike, options: UdpBindOptions = {}): UdpSocket {
    const local = toSocketAddress(address);
    const origin = captureOrigin('UdpSocket bound', UdpSocket.bind);
    const fd = openSocket(local, SOCK_DGRAM, 'bind', (fd) => {
      const { reuseAddr = false, reusePort = false, ipv6Only = false } = options;
      if (asFlag(reuseAddr)) setIntOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
      if (asFlag(reusePort)) setIntOption(fd, SOL_SOCKET, SO_REUSEPORT, 1);
      const only = asFlag(ipv6Only);
      if (local.family === 'IPv6') setIntOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, only);
      setSocketOptions(fd, options.socket, OPTION_NAMES.udp);
      check(native.bind(fd, encodeIpName(local, scratchName)), 'bind', errorAddress(local));
    });
    return new UdpSocket(fd, origin, local.family);
  }

  /** Takes over a UDP socket. @throws TypeError when `fd` is something else; `EBADF`. */
  static fromFd(fd: number): UdpSocket {
    const adopted = adoptSocket(fd, 'UDP socket');
    // What may throw comes first: a source that is made owns the descriptor.
    const { family } = localAddress(fd);
    const connected = native.getpeername(fd, scratchName) >= 0;
    const peer = connected ? { address: decodeIpName(scratchName), device: '' } : undefined;
    const coalescing = supports.udpCoalescing && getIntOption(fd, IPPROTO_UDP, UDP_GRO) !== 0;
    const origin = captureOrigin('UdpSocket adopted', UdpSocket.fromFd);
    const socket = new UdpSocket(adopted, origin, family);
    socket.#peer = peer;
    socket.#coalescing = coalescing;
    return socket;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  recv(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    const size = this.#receive(buffer, offset, length, MSG_TRUNC);
    return size < 0 ? WouldBlock : size;
  }

  peek(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    const size = this.#receive(buffer, offset, length, MSG_TRUNC | MSG_PEEK);
    return size < 0 ? WouldBlock : size;
  }

  recvFrom(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): ReceivedDatagram | WouldBlock {
    return this.#described(this.#receive(buffer, offset, length, MSG_TRUNC));
  }

  peekFrom(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): ReceivedDatagram | WouldBlock {
    return this.#described(this.#receive(buffer, offset, length, MSG_TRUNC | MSG_PEEK));
  }

  send(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    if (!isInside(buffer, offset, length)) checkRange(buffer, offset, length);
    const fd = this.openFd();
    if (this.#peer === undefined) throw systemError(-EDESTADDRREQ, 'send');
    let result: number;
    do result = transmit(fd, buffer, offset, length, 0);
    while (result === -EINTR);
    return transferred(result, 'send', this.#peer.address);
  }

  sendTo(
    buffer: Uint8Array,
    address: SocketAddressLike,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    if (!isInside(buffer, offset, length)) checkRange(buffer, offset, length);
    const known = writeSender(address);
    const to = known ? (address as SocketAddress) : this.#destination(address, 'send');
    // Not before: what looks at the arguments may run getters, and these may close this socket.
    const fd = this.openFd();
    if (to.family !== this.family) throw systemError(-EAFNOSUPPORT, 'send', errorAddress(to));
    if (this.#peer !== undefined) throw systemError(-EISCONN, 'send', errorAddress(to));
    if (!known) encodeIpName(to, messageName);
    let result: number;
    do result = transmitTo(fd, buffer, offset, length, 0);
    while (result === -EINTR);
    return transferred(result, 'send', to);
  }

  recvBatch(batch: DatagramBatch): number | WouldBlock {
    const fd = this.openFd();
    checkBatch(batch);
    const { registration } = this;
    if (registration.drained) {
      registration.drained = false;
      batch.received(0);
      return WouldBlock;
    }
    const count = receiveMessages(fd, batch);
    if (count < 0) return WouldBlock;
    if (count < batch.capacity) registration.drained = registration.relies(Interest.READABLE);
    return count;
  }

  sendBatch(batch: DatagramBatch): number | WouldBlock {
    const fd = this.openFd();
    checkBatch(batch);
    const connected = this.#peer !== undefined;
    return sendMessages(fd, batch, this.family, connected, this.#segmentedHere);
  }

  connect(address: SocketAddressLike): void {
    const fd = this.openFd();
    const to = this.#destination(address, 'connect');
    if (to.port === 0) throw systemError(-native.constants.EINVAL, 'connect', errorAddress(to));
    this.#peer = connectPeer(fd, to, this.#peer);
  }

  disconnect(): void {
    const fd = this.openFd();
    if (this.#peer === undefined) throw systemError(-ENOTCONN, 'disconnect');
    const { device } = this.#peer;
    this.#peer = undefined;
    disconnectPeer(fd, device);
  }

  localAddr(): SocketAddress {
    return localAddress(this.openFd());
  }

  peerAddr(): SocketAddress {
    this.openFd();
    if (this.#peer === undefined) throw systemError(-ENOTCONN, 'getpeername');
    return { ...this.#peer.address };
  }

  takeError(): SystemError | undefined {
    return this.takeSocketError('recv');
  }

  counters(): UdpCounters {
    const words = new Uint32Array(SK_MEMINFO_DROPS + 1);
    const bytes = new Uint8Array(words.buffer);
    const size = native.getsockopt(this.openFd(), SOL_SOCKET, SO_MEMINFO, bytes);
    const kernelDrops = size === bytes.length ? words[SK_MEMINFO_DROPS] : undefined;
    return { queueDrops: 0, kernelDrops, segmentedHere: this.#segmentedHere.messages };
  }

  coalescing(): boolean {
    this.openFd();
    return this.#coalescing;
  }

  setCoalescing(on: boolean): void {
    const fd = this.openFd();
    const value = asFlag(on);
    if (on && !supports.udpCoalescing) {
      throw unsupportedError('this kernel does not join datagrams (UDP_GRO, Linux 5.0)');
    }
    if (supports.udpCoalescing) setIntOption(fd, IPPROTO_UDP, UDP_GRO, value);
    this.#coalescing = on;
  }

  protected override createRegistration(fd: number): StreamRegistration {
    return new StreamRegistration(this, fd);
  }

  /** Returns how many bytes are in the buffer, or -1 when nothing was there. */
  #receive(buffer: Uint8Array, offset: number, length: number, flags: number): number {
    if (!isInside(buffer, offset, length)) checkRange(buffer, offset, length);
    const fd = this.openFd();
    if (this.#coalescing) {
      throw unsupportedError('only recvBatch tells the borders of joined datagrams');
    }
    let size: number;
    do size = receiveFrom(fd, buffer, offset, length, flags);
    while (size === -EINTR);
    if (size < 0) {
      if (size === -EAGAIN) return -1;
      throw systemError(size, 'recv');
    }
    this.#truncated = size > length;
    return this.#truncated ? length : size;
  }

  #described(size: number): ReceivedDatagram | WouldBlock {
    if (size < 0) return WouldBlock;
    return { size, address: readSender(), truncated: this.#truncated };
  }

  #destination(address: SocketAddressLike, syscall: string): SocketAddress {
    const to = toSocketAddress(address);
    if (to.family !== this.family) throw systemError(-EAFNOSUPPORT, syscall, errorAddress(to));
    return to;
  }
}
