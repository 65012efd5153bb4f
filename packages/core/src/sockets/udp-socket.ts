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
   * Binds a socket of the address's family; port 0 lets the system choose. Sets no `SO_REUSEADDR`
   * of its own accord.
   *
   * A socket on a wildcard address (`0.0.0.0`, `::`) answers from the address that the routes
   * choose, which may not be the one that the client asked. The option `packetInfo` and `replyTo`
   * answer from the right one. `node:dgram`, and so `@evloop/net`, cannot
   * (`supports.udpPacketInfo`): bind each address on its own there.
   *
   * Kernel backends return the socket, others a promise of it: `await` serves both, and so do their
   * errors.
   *
   * @throws TypeError or RangeError for an address or an option that is none (names are not looked
   *   up); `EVLOOP_UNSUPPORTED` for `reusePort` where `supports.udpReusePort` is false; a
   *   {@link SystemError}: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE` …
   */
  bind(address: SocketAddressLike, options?: UdpBindOptions): MaybePromise<UdpSocket>;

  /**
   * Takes over a UDP socket that was inherited from a supervisor or another process. It is the
   * socket's from now on, and closed with it.
   *
   * @throws TypeError when `fd` is something else, RangeError when it is no descriptor number;
   *   `EVLOOP_UNSUPPORTED` where `supports.adoptFd` is false, and for what a backend cannot take
   *   over; a {@link SystemError}: `EBADF` when it is closed. Kernel backends leave the descriptor
   *   alone when they throw; others may have closed it.
   */
  fromFd(fd: number): MaybePromise<UdpSocket>;
}

/** What `recvFrom` and `peekFrom` answer. */
export interface ReceivedDatagram {
  /** The number of bytes in the buffer: 0 for an empty datagram, which is one like any other. */
  readonly size: number;
  /**
   * The sender. On an IPv6 socket IPv4 senders appear as `::ffff:127.0.0.1`; a zone is the
   * interface's index (`fe80::1%2`).
   */
  readonly address: SocketAddress;
  /** Whether the datagram was longer than the buffer: its end is lost. */
  readonly truncated: boolean;
  /**
   * What else the kernel told; left out while none of the options that `DatagramInfo` names is on.
   */
  readonly info?: DatagramInfo;
}

/**
 * A UDP socket, connected to one peer or not.
 *
 * Register it with `READABLE` and receive until `WouldBlock`; with `WRITABLE` too after a send has
 * answered `WouldBlock`. Each datagram is sent and received whole, or not at all: a short receive
 * loses the rest of the datagram, and there is no short send. UDP promises nothing: datagrams may
 * be lost, doubled, and overtake each other.
 *
 * Operations throw `EVLOOP_CLOSED` after `close()`, a TypeError for a buffer that is no
 * `Uint8Array` or whose memory was transferred, and a RangeError for a range outside the buffer.
 * After any error the socket goes on.
 *
 * **Pending errors.** What the network reports after the fact is an `error` event, and is thrown
 * once, by the next operation or returned by `takeError`, whichever comes first. The operation that
 * throws it has done nothing; it may be repeated. So a connected socket whose peer's port is dead
 * learns `ECONNREFUSED`; unconnected ones never do. A backend that hands datagrams over before the
 * system has judged them (`@evloop/udp`) also reports what the system then says (`ENETUNREACH`,
 * `EACCES`, `EPERM` …) in this way, with `address` and `port`, but by a send or `takeError` alone.
 *
 * **Families.** An address of the other family than the socket's is refused with `EAFNOSUPPORT`,
 * before the system is asked. An IPv6 socket without `ipv6Only` reaches IPv4 as
 * `[::ffff:127.0.0.1]:9000`. Options with V4 or V6 in their name likewise belong to one family; so
 * does `multicast` with its group.
 *
 * A registered socket is kept alive by its registry. One that is lost while it is neither
 * registered nor closed is closed when it is collected, with a warning.
 */
export interface UdpSocket extends Source, SocketWithOptions, MulticastSocket, Disposable {
  /**
   * Receives one datagram into `buffer` from `offset`, `length` bytes at the most (default: to its
   * end). An empty range is allowed: it takes the datagram and keeps nothing.
   *
   * @returns its bytes' number, its sender, and whether its end was lost; a new small object
   *   (`recvBatch` makes none). `WouldBlock`: none has arrived.
   * @throws a pending error; `EVLOOP_UNSUPPORTED` while coalescing is on.
   */
  recvFrom(buffer: Uint8Array, offset?: number, length?: number): ReceivedDatagram | WouldBlock;

  /**
   * Like `recvFrom`, but the datagram stays to be received. `WouldBlock` re-arms; success neither
   * drains nor disarms.
   */
  peekFrom(buffer: Uint8Array, offset?: number, length?: number): ReceivedDatagram | WouldBlock;

  /**
   * Like `recvFrom`, without the sender and without an object. Also on an unconnected socket.
   *
   * @returns the number of bytes in the buffer, **0 for an empty datagram**; there is no end of a
   *   stream here. Whether the end was lost says {@link UdpSocket.truncated}.
   */
  recv(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /** Like `recv`, but the datagram stays to be received. */
  peek(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /**
   * Whether the last successful `recv`, `peek`, `recvFrom` or `peekFrom` lost the end of its
   * datagram. False before the first.
   */
  readonly truncated: boolean;

  /**
   * Sends `length` bytes of `buffer` from `offset` (default: to its end) as one datagram to
   * `address`. An empty range sends an empty datagram. The bytes are the caller's again when it
   * returns.
   *
   * @returns the number of bytes, always all of them. `WouldBlock`: nothing was sent; send again
   *   after the next writable event, or drop it.
   * @param control how this datagram is sent.
   * @throws `EVLOOP_UNSUPPORTED` for a `control` that `supports` rules out. `EMSGSIZE` for more
   *   than 65,507 bytes (IPv6: 65,527), and for what the path cannot carry; `EISCONN` on a
   *   connected socket; `EAFNOSUPPORT`; `EINVAL` for port 0; `EACCES` for a broadcast address
   *   without `setBroadcast`; `ENETUNREACH` and others of udp(7); a pending error. TypeError or
   *   RangeError for an address that is none.
   */
  sendTo(
    buffer: Uint8Array,
    address: SocketAddressLike,
    offset?: number,
    length?: number,
    control?: SendControl,
  ): number | WouldBlock;

  /**
   * Like `sendTo`, to the sender of `datagram`, which `recvFrom` of this socket returned, and from
   * the address that it was sent to, where the option `packetInfo` is on. Otherwise the routes
   * choose the source address, and a client that asked another one drops the answer (RFC 1122
   * 4.1.3.5).
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
   * @throws `EDESTADDRREQ` when there is none, and as `sendTo`.
   */
  send(
    buffer: Uint8Array,
    offset?: number,
    length?: number,
    control?: SendControl,
  ): number | WouldBlock;

  /**
   * Receives as many datagrams as there are, up to the batch's capacity, into the batch, which
   * loses what it held. One system call where `supports.udpBatch` is true.
   *
   * @returns their number, at least 1. `WouldBlock`: none has arrived, and the batch is empty. A
   *   batch that is not full is no sign of a drained socket: only `WouldBlock` is, and re-arms.
   * @throws a pending error: the batch is then as it was. TypeError when it is no batch, or its
   *   memory was transferred.
   */
  recvBatch(batch: DatagramBatch): number | WouldBlock;

  /**
   * Sends the messages of an outgoing batch from `batch.sent` on, as many as can be taken now, and
   * moves `batch.sent` on. One system call where `supports.udpBatch` is true.
   *
   * @param most the most messages to send: an integer ≥ 0. All where it is left out.
   * @returns how many were taken, at least 1; 0 only when none was left. `WouldBlock`: none was;
   *   call again after the next writable event, or clear the batch. After a number, call again
   *   until `batch.sent` is `batch.length`: only `WouldBlock` re-arms.
   * @throws what sending message `batch.sent` throws, the ones before having been taken in earlier
   *   calls. **The message is then given up**, and `batch.sent` stands behind it, so that calling
   *   again goes on. TypeError when it is no batch, holds received messages (`reply()` to them
   *   first), or its memory was transferred; then nothing changes.
   */
  sendBatch(batch: DatagramBatch, most?: number): number | WouldBlock;

  /**
   * Sets the only peer: `send` goes there, what arrives from elsewhere from now on is not received,
   * and its refusals become known. May be called again, with another peer. Datagrams that have
   * arrived before stay.
   *
   * @throws `EAFNOSUPPORT`; `EINVAL` for port 0; `ENETUNREACH` and others of connect(2), which a
   *   backend may also report as a pending error. TypeError or RangeError for an address that is
   *   none. When it throws, the peer is what it was before.
   */
  connect(address: SocketAddressLike): void;

  /**
   * Takes the peer away: the socket receives from everywhere again. Its local address stays.
   *
   * @throws `ENOTCONN` when there is none.
   */
  disconnect(): void;

  /** The address of this end, its port chosen where 0 was asked for. */
  localAddr(): SocketAddress;

  /** The connected peer. @throws `ENOTCONN` when there is none. */
  peerAddr(): SocketAddress;

  /**
   * Takes the pending error, as it is described above: `undefined` when there is none, or it was
   * thrown already.
   */
  takeError(): SystemError | undefined;

  /**
   * Takes the oldest entry of the error queue: what became of datagrams that were sent
   * (`recvErrors`, `sendTimestamps`, `txTime`). `WouldBlock`: there is none.
   *
   * An ICMP message is an `error` event. Other entries are a `priority` event, where `PRIORITY` is
   * asked for. Both are edges in every mode: call this until it returns `WouldBlock`.
   *
   * @throws `EVLOOP_UNSUPPORTED` where `supports.udpErrorQueue` is false.
   */
  recvError(): QueuedError | WouldBlock;

  /**
   * The known MTU of the path to the connected peer in bytes, IP and UDP headers included
   * (`IP_MTU`).
   *
   * @throws `ENOTCONN`; `EVLOOP_UNSUPPORTED` where `supports.udpPathMtu` is false.
   */
  pathMtu(): number;

  /** What was lost, and what was done the slow way, so far. A new object. */
  counters(): UdpCounters;

  /** Whether datagrams may be sent to broadcast addresses. */
  broadcast(): boolean;

  /** Allows sending to broadcast addresses (`SO_BROADCAST`, socket(7)). Off at first. */
  setBroadcast(on: boolean): void;

  /** The hop limit of unicast datagrams, of either family. */
  ttl(): number;

  /**
   * Sets the hop limit (`IP_TTL`, `IPV6_UNICAST_HOPS`): 1 to 255, RangeError otherwise. 64 at
   * first.
   */
  setTtl(hops: number): void;

  /** Whether the kernel joins datagrams on receipt. */
  coalescing(): boolean;

  /**
   * Lets the kernel join datagrams of equal size from one sender into one message (`UDP_GRO`,
   * udp(7)): far fewer receives under load. `recvBatch` alone can tell their borders
   * (`segmentSize`), so the other receives are then `EVLOOP_UNSUPPORTED`; slots should have 65,535
   * bytes. Off at first. Receive until `WouldBlock` before turning it off: what was joined and
   * still waits loses its borders.
   *
   * @throws `EVLOOP_UNSUPPORTED` for `true` where `supports.udpCoalescing` is false.
   */
  setCoalescing(on: boolean): void;

  /**
   * Closes the socket, and deregisters it. Datagrams that were taken are still sent. Does nothing
   * the second time.
   */
  close(): void;
}
