import {
  type DatagramBatch,
  Interest,
  type ReceivedDatagram,
  type SendControl,
  type SocketAddress,
  type SocketAddressLike,
  toSocketAddress,
  type UdpBindOptions,
  type UdpSocket as UdpSocketContract,
  WouldBlock,
} from '@evloop/core';
import {
  captureOrigin,
  checkBatch,
  checkRange,
  fitsFamily,
  MessageInfo,
  type Origin,
  sendThroughIPv4,
  unsupportedError,
  writeControl,
} from '@evloop/core/backend';
import { Route } from '../cork/corked-datagrams.ts';
import { adoptSocket } from '../descriptor/adopted-fd.ts';
import { checkDatagram, datagramError } from '../native/errno-error.ts';
import { isInside } from '../native/inside.ts';
import {
  messageName,
  messageNameWords,
  messageWords,
  receiveFrom,
  receiveMessage,
  transmit,
  transmitMessage,
  transmitTo,
} from '../native/message-calls.ts';
import { native } from '../native/native.ts';
import { decodeIpName, encodeIpName, scratchName } from '../native/sockaddr.ts';
import { checkInteger, setIntOption } from '../native/socket-option.ts';
import { errorAddress, localAddress, openSocket } from '../socket/ip-socket.ts';
import { OPTION_NAMES } from '../socket/option-names.ts';
import { setSocketOptions } from '../socket/socket-options.ts';
import { receiveMessages, sendMessages } from './datagram-messages.ts';
import { sendError } from './path-mtu.ts';
import { readSender, writeSender } from './senders.ts';
import { UdpState } from './udp-state.ts';

const { EAGAIN, EAFNOSUPPORT, EDESTADDRREQ, EISCONN } = native.constants;
const { SOCK_DGRAM, MSG_PEEK, MSG_TRUNC, IPPROTO_IPV6, IPV6_V6ONLY } = native.constants;

/** A UDP socket on a kernel descriptor. */
export class UdpSocket extends UdpState implements UdpSocketContract {
  #truncated = false;

  private constructor(fd: number, origin: Origin, family: SocketAddress['family']) {
    super(fd, origin, family);
  }

  static override bind(address: SocketAddressLike, options: UdpBindOptions = {}): UdpSocket {
    const local = toSocketAddress(address);
    const origin = captureOrigin('UdpSocket bound', UdpSocket.bind);
    const fd = openSocket(local, SOCK_DGRAM, 'bind', (fd) => {
      // Node's default, whatever the sysctl net.ipv6.bindv6only says.
      if (local.family === 'IPv6') setIntOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
      setSocketOptions(fd, options.socket, OPTION_NAMES.udp);
      const bound = native.bind(fd, encodeIpName(local, scratchName));
      checkDatagram(bound, 'bind', errorAddress(local));
    });
    const socket = new UdpSocket(fd, origin, local.family);
    if (options.socket !== undefined) socket.inquire(options.socket.steering);
    return socket;
  }

  /** Takes over a UDP socket. @throws TypeError: `fd` is something else. `EBADF`: it is closed. */
  static fromFd(fd: number): UdpSocket {
    const adopted = adoptSocket(fd, 'UDP socket');
    // Calls that may throw come first: a source owns its descriptor.
    const { family } = localAddress(fd);
    const connected = native.getpeername(fd, scratchName) >= 0;
    const peer = connected ? { address: decodeIpName(scratchName), device: '' } : undefined;
    const origin = captureOrigin('UdpSocket adopted', UdpSocket.fromFd);
    const socket = new UdpSocket(adopted, origin, family);
    socket.peer = peer;
    socket.inquire();
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
    control?: SendControl,
  ): number | WouldBlock {
    if (!isInside(buffer, offset, length)) checkRange(buffer, offset, length);
    if (control !== undefined) this.#prepare(control);
    this.transferFd();
    if (this.peer === undefined) throw datagramError(-EDESTADDRREQ, 'send');
    if (control !== undefined) {
      return this.#controlled(buffer, offset, length, this.peer.address);
    }
    return this.#sent(this.#transmit(Route.PEER, buffer, offset, length), this.peer.address);
  }

  sendTo(
    buffer: Uint8Array,
    address: SocketAddressLike,
    offset = 0,
    length: number = buffer.byteLength - offset,
    control?: SendControl,
  ): number | WouldBlock {
    if (!isInside(buffer, offset, length)) checkRange(buffer, offset, length);
    const known = writeSender(address);
    const to = known ? (address as SocketAddress) : this.destination(address, 'send');
    if (control !== undefined) this.#prepare(control);
    // Only now: checking the arguments may run getters, and these may close this socket.
    const fd = this.transferFd();
    this.#checkDestination(to);
    if (!known) encodeIpName(to, messageName, fd);
    if (control !== undefined) return this.#controlled(buffer, offset, length, to);
    return this.#sent(this.#transmit(Route.NAMED, buffer, offset, length), to);
  }

  replyTo(
    buffer: Uint8Array,
    datagram: ReceivedDatagram,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    const { address, info } = datagram;
    if (!(info instanceof MessageInfo)) return this.sendTo(buffer, address, offset, length);
    if (!isInside(buffer, offset, length)) checkRange(buffer, offset, length);
    const known = writeSender(address);
    const to = known ? address : this.destination(address, 'send');
    const fd = this.transferFd();
    this.#checkDestination(to);
    if (!known) encodeIpName(to, messageName, fd);
    const route = info.writeAnswer(messageWords, 0) ? Route.CONTROLLED : Route.NAMED;
    return this.#sent(this.#transmit(route, buffer, offset, length), to);
  }

  recvBatch(batch: DatagramBatch): number | WouldBlock {
    this.transferFd();
    checkBatch(batch);
    const { registration } = this;
    if (registration.drained) {
      registration.drained = false;
      batch.received(0);
      return WouldBlock;
    }
    const count = receiveMessages(registration, batch, this.peer?.address);
    if (count < 0) return WouldBlock;
    if (count < batch.capacity) registration.drained = registration.relies(Interest.READABLE);
    return count;
  }

  sendBatch(batch: DatagramBatch, most?: number): number | WouldBlock {
    if (most !== undefined) checkInteger('most', most, 0, Number.MAX_SAFE_INTEGER);
    this.openFd();
    checkBatch(batch);
    const { registration, family, peer, segmentedHere } = this;
    return sendMessages(registration, batch, family, peer?.address, segmentedHere, most);
  }

  /** Returns the number of bytes in the buffer, or -1 if there was no datagram. */
  #receive(buffer: Uint8Array, offset: number, length: number, flags: number): number {
    if (!isInside(buffer, offset, length)) checkRange(buffer, offset, length);
    const fd = this.transferFd();
    if (this.joining) {
      throw unsupportedError('recv cannot separate joined datagrams: use recvBatch');
    }
    let size: number;
    let tries = 0;
    do {
      size = this.informed
        ? receiveMessage(fd, buffer, offset, length, flags)
        : receiveFrom(fd, buffer, offset, length, flags);
    } while (size < 0 && this.registration.repeats(size, tries++));
    if (size < 0) {
      if (size === -EAGAIN) {
        // Programs receive when an event has `error`, and the kernel does not know of this one.
        const errno = this.registration.datagrams?.takeErrno() ?? 0;
        if (errno !== 0) throw datagramError(-errno, 'send', this.peer?.address);
        return -1;
      }
      throw datagramError(size, 'recvmsg', this.peer?.address);
    }
    this.#truncated = size > length;
    return this.#truncated ? length : size;
  }

  #described(size: number): ReceivedDatagram | WouldBlock {
    if (size < 0) return WouldBlock;
    const address = readSender();
    if (!this.informed) return { size, address, truncated: this.#truncated };
    const info = new MessageInfo(messageWords, 0);
    return { size, address, truncated: this.#truncated, info };
  }

  #prepare(control: SendControl): void {
    messageWords.fill(0);
    writeControl(messageWords, 0, control);
  }

  /** Sends the prepared message to the written name, or to the peer if there is one. */
  #controlled(
    buffer: Uint8Array,
    offset: number,
    length: number,
    to: SocketAddress,
  ): number | WouldBlock {
    if (!fitsFamily(messageWords, 0, this.family)) {
      throw datagramError(-EAFNOSUPPORT, 'send', errorAddress(to));
    }
    if (to.address.startsWith('::ffff:')) sendThroughIPv4(messageWords, 0);
    if (this.peer !== undefined) messageNameWords[0] = 0;
    return this.#sent(this.#transmit(Route.CONTROLLED, buffer, offset, length), to);
  }

  /** Sends, or has the cork hold it. @returns the size, or `-errno`. */
  #transmit(route: Route, buffer: Uint8Array, offset: number, length: number): number {
    const { registration } = this;
    const held = registration.datagrams?.hold(route, buffer, offset, length);
    if (held !== undefined) return held;
    const { fd } = registration;
    let result: number;
    let tries = 0;
    do {
      if (route === Route.PEER) result = transmit(fd, buffer, offset, length, 0);
      else if (route === Route.NAMED) result = transmitTo(fd, buffer, offset, length, 0);
      else result = transmitMessage(fd, buffer, offset, length, 0);
    } while (result < 0 && registration.repeats(result, tries++));
    return result;
  }

  #checkDestination(to: SocketAddress): void {
    if (to.family !== this.family) throw datagramError(-EAFNOSUPPORT, 'send', errorAddress(to));
    if (this.peer !== undefined) throw datagramError(-EISCONN, 'send', errorAddress(to));
  }

  #sent(result: number, to: SocketAddress): number | WouldBlock {
    if (result >= 0) return result;
    if (result === -EAGAIN) return WouldBlock;
    throw sendError(this.registration.fd, result, to, this.peer !== undefined);
  }
}
