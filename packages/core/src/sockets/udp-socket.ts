import type { SocketAddress, SocketAddressLike } from '../address/address.ts';
import type { Source } from '../source.ts';
import type { SystemError } from '../system-error.ts';
import type { WouldBlock } from '../would-block.ts';
import type { DatagramBatch } from './datagram-batch.ts';
import type { DatagramInfo, QueuedError, SendControl } from './datagram-control.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { MulticastSocket } from './multicast-socket.ts';
import type { SocketWithOptions } from './socket-options.ts';
import type { UdpBindOptions, UdpCounters } from './udp-options.ts';

/** The static side of a backend's `UdpSocket`. */
export interface UdpSocketConstructor {
  /**
   * Binds a socket of the address's family. Port 0 lets the system choose.
   *
   * A socket on a wildcard address (`0.0.0.0`, `::`) replies from the address that the routes
   * choose, which may not be the one that the client asked. With the option `packetInfo`, `replyTo`
   * replies from the right one. `node:dgram`, and so `@evloop/net`, does not support it
   * (`supports.udpPacketInfo`): there, bind each address separately.
   *
   * Kernel backends return the socket; other backends return a promise of it. `await` works for
   * both, and so do the errors.
   *
   * @throws TypeError or RangeError: the address or an option is invalid (names are not looked up).
   *   EVLOOP_UNSUPPORTED: `supports.udpOptions` does not list an option. A {@link SystemError}:
   *   `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE` …
   */
  bind(address: SocketAddressLike, options?: UdpBindOptions): MaybePromise<UdpSocket>;

  /**
   * Takes over a UDP socket that was inherited from a supervisor or another process. The socket
   * owns the descriptor from now on, and closes it.
   *
   * @throws TypeError: `fd` is something else. RangeError: it is not a descriptor number.
   *   EVLOOP_UNSUPPORTED: `supports.adoptFd` is false, or the backend cannot take this socket over.
   *   `EBADF`: it is closed. After an error, kernel backends leave the descriptor open; other
   *   backends may have closed it.
   */
  fromFd(fd: number): MaybePromise<UdpSocket>;
}

/** The result of `recvFrom` and `peekFrom`. */
export interface ReceivedDatagram {
  /** The number of bytes in the buffer. An empty datagram has 0; it is valid like any other. */
  readonly size: number;
  /**
   * The sender. On an IPv6 socket, IPv4 senders appear as `::ffff:127.0.0.1`. A zone is the
   * interface's index (`fe80::1%2`).
   */
  readonly address: SocketAddress;
  /** Whether the datagram was longer than the buffer, so that its end is lost. */
  readonly truncated: boolean;
  /** What else the kernel reported. Omitted while all options that `DatagramInfo` names are off. */
  readonly info?: DatagramInfo;
}

/**
 * A UDP socket, connected to one peer or not.
 *
 * Register it with `READABLE`, and receive until `WouldBlock`. Add `WRITABLE` after a send has
 * returned `WouldBlock`. Each datagram is sent and received whole, or not at all. A buffer that is
 * too small loses the rest of the datagram, and there is no short send. UDP promises nothing:
 * datagrams may be lost, doubled or reordered.
 *
 * Each operation throws `EVLOOP_CLOSED` after `close()`. It throws a TypeError if the buffer is not
 * a `Uint8Array` or its memory was transferred, and a RangeError if the range is outside the
 * buffer. The socket remains usable after any error.
 *
 * **Pending errors.** An error that the network reports later is an `error` event. It is thrown
 * once by the next operation, or returned by `takeError`, whichever comes first. The operation that
 * throws it has done nothing, and may be repeated. So a connected socket learns by `ECONNREFUSED`
 * that its peer's port is closed. Unconnected sockets never learn it. Some backends hand datagrams
 * over before the system has checked them (`@evloop/udp`). They report the system's later errors
 * (`ENETUNREACH`, `EACCES`, `EPERM` …) in the same way, with `address` and `port`, but only by a
 * send or `takeError`.
 *
 * **Families.** An address of the other family is rejected with `EAFNOSUPPORT`, before the system
 * is asked. An IPv6 socket without `ipv6Only` reaches IPv4 as `[::ffff:127.0.0.1]:9000`. Options
 * with V4 or V6 in their name also belong to one family, and so does a multicast group.
 *
 * A registered socket is kept alive by its registry. A socket that is neither registered nor closed
 * is closed when it is garbage-collected, with a warning.
 */
export interface UdpSocket extends Source, SocketWithOptions, MulticastSocket, Disposable {
  /**
   * Receives one datagram into `buffer` from `offset`, at most `length` bytes (default: to the end
   * of the buffer). An empty range is allowed: it consumes the datagram and keeps none of its
   * bytes.
   *
   * @returns its size, its sender, and whether its end was lost, in a new small object.
   *   (`recvBatch` makes none.) `WouldBlock`: no datagram has arrived.
   * @throws a pending error. EVLOOP_UNSUPPORTED: coalescing is on.
   */
  recvFrom(buffer: Uint8Array, offset?: number, length?: number): ReceivedDatagram | WouldBlock;

  /**
   * Like `recvFrom`, but the datagram stays to be received. `WouldBlock` re-arms; success neither
   * drains nor disarms.
   */
  peekFrom(buffer: Uint8Array, offset?: number, length?: number): ReceivedDatagram | WouldBlock;

  /**
   * Like `recvFrom`, without the sender and without an object. Also works on an unconnected socket.
   *
   * @returns the number of bytes in the buffer, **0 for an empty datagram**: UDP has no end of
   *   stream. {@link UdpSocket.truncated} tells whether the end was lost.
   */
  recv(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /** Like `recv`, but the datagram stays to be received. */
  peek(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /**
   * Whether the last successful `recv`, `peek`, `recvFrom` or `peekFrom` lost the end of its
   * datagram. False before the first one.
   */
  readonly truncated: boolean;

  /**
   * Sends `length` bytes of `buffer` from `offset` (default: to the end of the buffer) as one
   * datagram to `address`. An empty range sends an empty datagram. When it returns, the buffer
   * belongs to the caller again.
   *
   * @param control how this datagram is sent.
   * @returns the number of bytes, always all of them. `WouldBlock`: nothing was sent. Send again
   *   after the next writable event, or drop the datagram.
   * @throws TypeError or RangeError: the address is invalid. EVLOOP_UNSUPPORTED: `supports`
   *   excludes a member of `control`. `EMSGSIZE`: more than 65,507 bytes (IPv6: 65,527), or more
   *   than the path can carry. `EISCONN`: the socket is connected. `EAFNOSUPPORT`: the other
   *   family. `EINVAL`: port 0. `EACCES`: a broadcast address without `setBroadcast`. `ENETUNREACH`
   *   and others of udp(7). A pending error.
   */
  sendTo(
    buffer: Uint8Array,
    address: SocketAddressLike,
    offset?: number,
    length?: number,
    control?: SendControl,
  ): number | WouldBlock;

  /**
   * Like `sendTo`, to the sender of `datagram`, which `recvFrom` of this socket returned. With the
   * option `packetInfo`, it sends from the address that the datagram was sent to. Without it, the
   * routes choose the source address, and a client that asked another address drops the reply (RFC
   * 1122 4.1.3.5).
   */
  replyTo(
    buffer: Uint8Array,
    datagram: ReceivedDatagram,
    offset?: number,
    length?: number,
  ): number | WouldBlock;

  /**
   * Like `sendTo`, to the connected peer.
   *
   * @throws `EDESTADDRREQ`: there is no peer. And as `sendTo`.
   */
  send(
    buffer: Uint8Array,
    offset?: number,
    length?: number,
    control?: SendControl,
  ): number | WouldBlock;

  /**
   * Receives the waiting datagrams into the batch, up to its capacity. The batch loses its former
   * contents. One system call if `supports.udpBatch` is true.
   *
   * @returns their number, at least 1. `WouldBlock`: none has arrived, and the batch is empty. A
   *   batch that is not full does not mean that the socket is drained: only `WouldBlock` does, and
   *   re-arms.
   * @throws a pending error; the batch is unchanged then. TypeError: `batch` is not a batch, or its
   *   memory was transferred.
   */
  recvBatch(batch: DatagramBatch): number | WouldBlock;

  /**
   * Sends the messages of an outgoing batch from `batch.sent` on, as many as can be taken now. It
   * advances `batch.sent`. One system call if `supports.udpBatch` is true.
   *
   * @param most the most messages to send: an integer ≥ 0. Default: all.
   * @returns how many were taken, at least 1; 0 only if none was left. `WouldBlock`: none was
   *   taken. Call again after the next writable event, or clear the batch. After a number, call
   *   again until `batch.sent` is `batch.length`: only `WouldBlock` re-arms.
   * @throws the error of message `batch.sent`, after earlier calls have taken the ones before it.
   *   **The message is then given up**, and `batch.sent` is behind it, so that the next call
   *   continues. TypeError: `batch` is not a batch, holds received messages (call `reply()` first),
   *   or its memory was transferred; then nothing changes.
   */
  sendBatch(batch: DatagramBatch, most?: number): number | WouldBlock;

  /**
   * Sets the only peer. `send` goes there, datagrams that arrive from elsewhere from now on are not
   * received, and the socket learns when the peer refuses. May be called again, with another peer.
   * Datagrams that arrived before stay.
   *
   * @throws TypeError or RangeError: the address is invalid. `EAFNOSUPPORT`: the other family.
   *   `EINVAL`: port 0. `ENETUNREACH` and others of connect(2), which a backend may also report as
   *   a pending error. After an error, the former peer remains.
   */
  connect(address: SocketAddressLike): void;

  /**
   * Removes the peer: the socket receives from everywhere again. Its local address stays.
   *
   * @throws `ENOTCONN`: there is no peer.
   */
  disconnect(): void;

  /**
   * Returns the address of this end. If it was bound to port 0, this has the port that the system
   * chose.
   */
  localAddr(): SocketAddress;

  /** Returns the connected peer. @throws `ENOTCONN`: there is none. */
  peerAddr(): SocketAddress;

  /**
   * Takes the pending error, as described above; `undefined` if there is none or it was thrown
   * already.
   */
  takeError(): SystemError | undefined;

  /**
   * Takes the oldest entry of the error queue, which reports about sent datagrams (`recvErrors`,
   * `sendTimestamps`, `txTime`).
   *
   * An ICMP message is an `error` event. Other entries are a `priority` event, if `PRIORITY` is in
   * the interest. Both are edges in every mode: call this until it returns `WouldBlock`.
   *
   * @returns `WouldBlock`: the queue is empty.
   * @throws EVLOOP_UNSUPPORTED: `supports.udpErrorQueue` is false.
   */
  recvError(): QueuedError | WouldBlock;

  /**
   * Returns the known MTU of the path to the connected peer, in bytes with IP and UDP headers
   * (`IP_MTU`).
   *
   * @throws `ENOTCONN`: there is no peer. EVLOOP_UNSUPPORTED: `supports.udpPathMtu` is false.
   */
  pathMtu(): number;

  /** Returns what was lost, and what was done without the kernel's help, so far. A new object. */
  counters(): UdpCounters;

  /** Returns whether datagrams may be sent to broadcast addresses. */
  broadcast(): boolean;

  /** Allows sending to broadcast addresses (`SO_BROADCAST`, socket(7)). Default: false. */
  setBroadcast(on: boolean): void;

  /** Returns the hop limit of unicast datagrams, of either family. */
  ttl(): number;

  /**
   * Sets the hop limit of unicast datagrams (`IP_TTL`, `IPV6_UNICAST_HOPS`). Default: 64.
   *
   * @throws RangeError: `hops` is not an integer from 1 to 255.
   */
  setTtl(hops: number): void;

  /** Returns whether the kernel joins received datagrams. */
  coalescing(): boolean;

  /**
   * Lets the kernel join datagrams of equal size from one sender into one message (`UDP_GRO`,
   * udp(7)). Under load, that needs far fewer receives. Default: false.
   *
   * Only `recvBatch` can tell the borders (`segmentSize`), so other receives then throw
   * `EVLOOP_UNSUPPORTED`. Slots should have 65,535 bytes. Receive until `WouldBlock` before you
   * turn it off: a joined message that still waits loses its borders.
   *
   * @throws EVLOOP_UNSUPPORTED: `on` is true, and `supports.udpCoalescing` is false.
   */
  setCoalescing(on: boolean): void;

  /**
   * Closes the socket, and deregisters it. Taken datagrams are still sent. A second call does
   * nothing.
   */
  close(): void;
}
