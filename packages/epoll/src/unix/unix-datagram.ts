import {
  type SocketOptionName,
  type SystemError,
  type UnixAddress,
  WouldBlock,
} from '@evloop/core';
import { captureOrigin, checkRange, type DescriptorRegistration } from '@evloop/core/backend';
import { adoptSocket } from '../descriptor/adopted-fd.ts';
import { check, transferred } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { decodeUnixName, encodeUnixName, scratchName } from '../native/sockaddr.ts';
import { OPTION_NAMES } from '../socket/option-names.ts';
import { shutDown } from '../socket/shut-down.ts';
import { SocketSource } from '../socket/socket-source.ts';
import { localUnixAddress, openUnixPair, openUnixSocket, peerUnixAddress } from './unix-socket.ts';

const { EINTR, SOCK_DGRAM, MSG_TRUNC } = native.constants;

/** The result of `UnixDatagram.recvFrom`. */
export interface ReceivedUnixDatagram {
  /** The number of bytes in the buffer. */
  readonly size: number;
  /** The sender's name; `''` if it has none. */
  readonly address: UnixAddress;
  /** Whether the datagram was longer than the buffer, so that its end is lost. */
  readonly truncated: boolean;
}

/**
 * A socket for datagrams between processes of one machine. Datagrams are neither lost nor
 * reordered: unix(7).
 *
 * If the receiver is full, a send returns `WouldBlock`. The kernel reports a connected sender
 * writable when there is room again. It never reports an unconnected one, because it cannot know
 * the receiver: try again after a while.
 *
 * Operations throw `EVLOOP_CLOSED` after `close()`, and a TypeError or RangeError if the buffer or
 * the range is invalid. A `SystemError` is `ECONNREFUSED` (the receiver is closed), `ENOENT` (there
 * is none), `EMSGSIZE` (the datagram exceeds the send buffer) or `ENOTCONN` (`send` without a
 * peer).
 */
export class UnixDatagram extends SocketSource {
  /**
   * Binds to a path that must not exist, or to an abstract name.
   *
   * @throws as `UnixListener.bind`.
   */
  static override bind(path: UnixAddress): UnixDatagram {
    const origin = captureOrigin('UnixDatagram bound', UnixDatagram.bind);
    const fd = openUnixSocket(SOCK_DGRAM, (fd) => {
      check(native.bind(fd, encodeUnixName(path, scratchName)), 'bind', { address: path });
    });
    return new UnixDatagram(fd, origin);
  }

  /** Makes a socket without a name, to send from. */
  static unbound(): UnixDatagram {
    const origin = captureOrigin('UnixDatagram made', UnixDatagram.unbound);
    return new UnixDatagram(
      openUnixSocket(SOCK_DGRAM, () => {}),
      origin,
    );
  }

  /** Makes two sockets that are connected to each other: socketpair(2). */
  static pair(): [UnixDatagram, UnixDatagram] {
    const origin = captureOrigin('UnixDatagram paired', UnixDatagram.pair);
    const [near, far] = openUnixPair(SOCK_DGRAM);
    return [new UnixDatagram(near, origin), new UnixDatagram(far, origin)];
  }

  /**
   * Takes over a Unix datagram socket. @throws TypeError: `fd` is something else. `EBADF`: it is
   * closed.
   */
  static fromFd(fd: number): UnixDatagram {
    const adopted = adoptSocket(fd, 'Unix datagram socket');
    return new UnixDatagram(adopted, captureOrigin('UnixDatagram adopted', UnixDatagram.fromFd));
  }

  /** Sets the peer of `send`, and the only one to receive from. May be called again. */
  connect(path: UnixAddress): void {
    const name = encodeUnixName(path, scratchName);
    check(native.connect(this.openFd(), name), 'connect', { address: path });
  }

  /** Sends one datagram to the peer. @returns its size, or `WouldBlock`: the receiver is full. */
  send(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    checkRange(buffer, offset, length);
    const fd = this.openFd();
    let result: number;
    do result = native.send(fd, buffer, offset, length, 0);
    while (result === -EINTR);
    return transferred(result, 'send');
  }

  /** Sends one datagram to the socket named `path`. */
  sendTo(
    buffer: Uint8Array,
    path: UnixAddress,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    checkRange(buffer, offset, length);
    const name = encodeUnixName(path, scratchName);
    const fd = this.openFd();
    let result: number;
    do result = native.sendto(fd, buffer, offset, length, 0, name);
    while (result === -EINTR);
    return result >= 0 ? result : transferred(result, 'send', { address: path });
  }

  /** Receives one datagram. Returns its size, its sender and whether its end was lost. */
  recvFrom(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): ReceivedUnixDatagram | WouldBlock {
    const size = this.#receive(buffer, offset, length);
    if (size === WouldBlock) return WouldBlock;
    const address = decodeUnixName(scratchName);
    return { size: Math.min(size, length), address, truncated: size > length };
  }

  /** Receives one datagram. @returns the number of bytes in the buffer: 0 for an empty datagram. */
  recv(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    const size = this.#receive(buffer, offset, length);
    return size === WouldBlock ? WouldBlock : Math.min(size, length);
  }

  /** Shuts one side or both. @throws `ENOTCONN`: there is no peer. */
  shutdown(how: 'read' | 'write' | 'both'): void {
    shutDown(this.openFd(), how);
  }

  protected override get optionNames(): readonly SocketOptionName[] {
    return OPTION_NAMES.unix;
  }

  /** Returns the name of this socket; `''` if it has none. */
  localAddr(): UnixAddress {
    return localUnixAddress(this.openFd());
  }

  /** Returns the name of the peer. @throws `ENOTCONN`: there is none. */
  peerAddr(): UnixAddress {
    return peerUnixAddress(this.openFd());
  }

  /** Takes the pending error, as `TcpStream.takeError`. */
  takeError(): SystemError | undefined {
    return this.takeSocketError('recv');
  }

  #receive(buffer: Uint8Array, offset: number, length: number): number | WouldBlock {
    checkRange(buffer, offset, length);
    const fd = this.openFd();
    // If the sender has no name, the kernel leaves this one unchanged.
    scratchName.fill(0, 0, 8);
    let result: number;
    do result = native.recvfrom(fd, buffer, offset, length, MSG_TRUNC, scratchName);
    while (result === -EINTR);
    return transferred(result, 'recv');
  }

  protected override createRegistration(fd: number): DescriptorRegistration {
    return this.plainRegistration(fd);
  }
}
