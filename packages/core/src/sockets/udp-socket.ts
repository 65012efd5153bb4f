import type { SocketAddress, SocketAddressLike } from '../address/address.ts';
import type { Source } from '../source.ts';
import type { SystemError } from '../system-error.ts';
import type { WouldBlock } from '../would-block.ts';
import type { DatagramBatch } from './datagram-batch.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { SocketWithOptions } from './socket-options.ts';
import type { UdpBindOptions, UdpCounters } from './udp-options.ts';

/** The static side of a backend's `UdpSocket`. */
export interface UdpSocketConstructor {
  /**
   * Binds a socket of the address's family; port 0 lets the system choose. Sets no `SO_REUSEADDR` of its own accord.
   *
   * Kernel backends return the socket, others a promise of it: `await` serves both, and so do their errors.
   *
   * @throws TypeError or RangeError for an address or an option that is none (names are not looked up); `EVLOOP_UNSUPPORTED` for `reusePort` where
   * `supports.udpReusePort` is false; a {@link SystemError}: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE` …
   */
  bind(address: SocketAddressLike, options?: UdpBindOptions): MaybePromise<UdpSocket>;

  /**
   * Takes over a UDP socket that was inherited from a supervisor or another process. It is the socket's from now on, and closed with it.
   *
   * @throws TypeError when `fd` is something else, RangeError when it is no descriptor number; `EVLOOP_UNSUPPORTED` where `supports.adoptFd` is false, and for what
   * a backend cannot take over; a {@link SystemError}: `EBADF` when it is closed. Kernel backends leave the descriptor alone when they throw; others may have closed it.
   */
  fromFd(fd: number): MaybePromise<UdpSocket>;
}

/** What `recvFrom` and `peekFrom` answer. */
export interface ReceivedDatagram {
  /** The number of bytes in the buffer: 0 for an empty datagram, which is one like any other. */
  readonly size: number;
  /** The sender. On an IPv6 socket IPv4 senders appear as `::ffff:127.0.0.1`; a zone is the interface's index (`fe80::1%2`). */
  readonly address: SocketAddress;
  /** Whether the datagram was longer than the buffer: its end is lost. */
  readonly truncated: boolean;
}

/**
 * A UDP socket, connected to one peer or not.
 *
 * Register it with `READABLE` and receive until `WouldBlock`; with `WRITABLE` too after a send has answered `WouldBlock`. Each
 * datagram is sent and received whole, or not at all: a short receive loses the rest of the datagram, and there is no short send.
 * UDP promises nothing: datagrams may be lost, doubled, and overtake each other.
 *
 * Operations throw `EVLOOP_CLOSED` after `close()`, a TypeError for a buffer that is no `Uint8Array` or whose memory was transferred, and a RangeError for a
 * range outside the buffer. After any error the socket goes on.
 *
 * **Pending errors.** What the network reports after the fact is an `error` event, and is thrown once, by the next operation or returned by `takeError`,
 * whichever comes first. The operation that throws it has done nothing; it may be repeated. So a connected socket whose peer's
 * port is dead learns `ECONNREFUSED`; unconnected ones never do. A backend that hands datagrams over before the system has judged them (`@evloop/udp`) also reports
 * what the system then says (`ENETUNREACH`, `EACCES`, `EPERM` …) in this way, with `address` and `port`, but by a send or `takeError` alone.
 *
 * **Families.** An address of the other family than the socket's is refused with `EAFNOSUPPORT`, before the system is asked. An IPv6 socket without `ipv6Only` reaches
 * IPv4 as `[::ffff:127.0.0.1]:9000`. Options with V4 or V6 in their name likewise belong to one family; so does `multicast` with its group.
 *
 * A registered socket is kept alive by its registry. One that is lost while it is neither registered nor closed is closed when it
 * is collected, with a warning.
 */
export interface UdpSocket extends Source, SocketWithOptions, Disposable {
  /**
   * Receives one datagram into `buffer` from `offset`, `length` bytes at the most (default: to its end). An empty range is allowed: it
   * takes the datagram and keeps nothing.
   *
   * @returns its bytes' number, its sender, and whether its end was lost; a new small object (`recvBatch` makes none). `WouldBlock`: none has arrived.
   * @throws a pending error; `EVLOOP_UNSUPPORTED` while coalescing is on.
   */
  recvFrom(buffer: Uint8Array, offset?: number, length?: number): ReceivedDatagram | WouldBlock;

  /** Like `recvFrom`, but the datagram stays to be received. `WouldBlock` re-arms; success neither drains nor disarms. */
  peekFrom(buffer: Uint8Array, offset?: number, length?: number): ReceivedDatagram | WouldBlock;

  /**
   * Like `recvFrom`, without the sender and without an object. Also on an unconnected socket.
   *
   * @returns the number of bytes in the buffer, **0 for an empty datagram**; there is no end of a stream here. Whether the end was lost says {@link UdpSocket.truncated}.
   */
  recv(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /** Like `recv`, but the datagram stays to be received. */
  peek(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /** Whether the last successful `recv`, `peek`, `recvFrom` or `peekFrom` lost the end of its datagram. False before the first. */
  readonly truncated: boolean;

  /**
   * Sends `length` bytes of `buffer` from `offset` (default: to its end) as one datagram to `address`. An empty range sends an
   * empty datagram. The bytes are the caller's again when it returns.
   *
   * @returns the number of bytes, always all of them. `WouldBlock`: nothing was sent; send again after the next writable event, or drop it.
   * @throws `EMSGSIZE` for more than 65,507 bytes (IPv6: 65,527), and for what the path cannot carry; `EISCONN` on a connected socket;
   * `EAFNOSUPPORT`; `EINVAL` for port 0; `EACCES` for a broadcast address without `setBroadcast`; `ENETUNREACH` and others of udp(7); a pending error. TypeError or RangeError for
   * an address that is none.
   */
  sendTo(
    buffer: Uint8Array,
    address: SocketAddressLike,
    offset?: number,
    length?: number,
  ): number | WouldBlock;

  /** Like `sendTo`, to the connected peer. @throws `EDESTADDRREQ` when there is none, and as `sendTo`. */
  send(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /**
   * Receives as many datagrams as there are, up to the batch's capacity, into the batch, which loses what it held. One system call where
   * `supports.udpBatch` is true.
   *
   * @returns their number, at least 1. `WouldBlock`: none has arrived, and the batch is empty. A batch that is not full is no sign of a drained socket: only `WouldBlock` is, and re-arms.
   * @throws a pending error: the batch is then as it was. TypeError when it is no batch, or its memory was transferred.
   */
  recvBatch(batch: DatagramBatch): number | WouldBlock;

  /**
   * Sends the messages of an outgoing batch from `batch.sent` on, as many as can be taken now, and moves `batch.sent` on. One system call where
   * `supports.udpBatch` is true.
   *
   * @returns how many were taken, at least 1; 0 only when none was left. `WouldBlock`: none was; call again after the next writable event, or clear the batch.
   * After a number, call again until `batch.sent` is `batch.length`: only `WouldBlock` re-arms.
   * @throws what sending message `batch.sent` throws, the ones before having been taken in earlier calls. **The message is then given up**, and
   * `batch.sent` stands behind it, so that calling again goes on. TypeError when it is no batch, holds received messages (`reply()` to them first), or its memory was transferred; then nothing changes.
   */
  sendBatch(batch: DatagramBatch): number | WouldBlock;

  /**
   * Sets the only peer: `send` goes there, what arrives from elsewhere from now on is not received, and its refusals become known. May be called again, with
   * another peer. Datagrams that have arrived before stay.
   *
   * @throws `EAFNOSUPPORT`; `EINVAL` for port 0; `ENETUNREACH` and others of connect(2), which a backend may also report as a pending error.
   * TypeError or RangeError for an address that is none. When it throws, the peer is what it was before.
   */
  connect(address: SocketAddressLike): void;

  /** Takes the peer away: the socket receives from everywhere again. Its local address stays. @throws `ENOTCONN` when there is none. */
  disconnect(): void;

  /** The address of this end, its port chosen where 0 was asked for. */
  localAddr(): SocketAddress;

  /** The connected peer. @throws `ENOTCONN` when there is none. */
  peerAddr(): SocketAddress;

  /** Takes the pending error, as it is described above: `undefined` when there is none, or it was thrown already. */
  takeError(): SystemError | undefined;

  /** What was lost, and what was done the slow way, so far. A new object. */
  counters(): UdpCounters;

  /** Whether datagrams may be sent to broadcast addresses. */
  broadcast(): boolean;

  /** Allows sending to broadcast addresses (`SO_BROADCAST`, socket(7)). Off at first. */
  setBroadcast(on: boolean): void;

  /** The hop limit of unicast datagrams, of either family. */
  ttl(): number;

  /** Sets the hop limit (`IP_TTL`, `IPV6_UNICAST_HOPS`): 1 to 255, RangeError otherwise. 64 at first. */
  setTtl(hops: number): void;

  /**
   * Begins to receive what is sent to `group`, on the interface with the address `interfaceAddress`, or one that the system chooses (`IP_ADD_MEMBERSHIP`, ip(7)).
   *
   * @throws TypeError for what is no IPv4 address; `EAFNOSUPPORT` on an IPv6 socket; `EINVAL` for no multicast group, `EADDRINUSE` for one that was joined, `ENODEV` …
   */
  joinMulticastV4(group: string, interfaceAddress?: string): void;

  /** Ends what `joinMulticastV4` began, with the same arguments. @throws `EADDRNOTAVAIL` when it was not joined, and as there. */
  leaveMulticastV4(group: string, interfaceAddress?: string): void;

  /**
   * Begins to receive what is sent to `group`, on an interface, given by its index or its name (`IPV6_JOIN_GROUP`, ipv6(7)); 0 or left out: the system chooses.
   *
   * @throws TypeError for what is no IPv6 address; `ENODEV` for an interface that is none; and as `joinMulticastV4`.
   */
  joinMulticastV6(group: string, interfaceId?: number | string): void;

  /** Ends what `joinMulticastV6` began, with the same arguments. */
  leaveMulticastV6(group: string, interfaceId?: number | string): void;

  /** Sets the interface that multicast datagrams leave by, by its address (`IP_MULTICAST_IF`); `'0.0.0.0'`: the system chooses. */
  setMulticastInterfaceV4(interfaceAddress: string): void;

  /** As above, by index or name (`IPV6_MULTICAST_IF`); 0: the system chooses. */
  setMulticastInterfaceV6(interfaceId: number | string): void;

  /** The address given last to `setMulticastInterfaceV4`; `'0.0.0.0'` at first. */
  multicastInterfaceV4(): string;

  /** The interface given last to `setMulticastInterfaceV6`, as it was given; 0 at first. */
  multicastInterfaceV6(): number | string;

  /** The hop limit of IPv4 multicast datagrams. */
  multicastTtlV4(): number;

  /** Sets the hop limit of multicast datagrams (`IP_MULTICAST_TTL`): 0 to 255, RangeError otherwise. 1 at first: the local network. */
  setMulticastTtlV4(hops: number): void;

  /** The hop limit of IPv6 multicast datagrams. */
  multicastHopsV6(): number;

  /** Sets the hop limit of multicast datagrams (`IPV6_MULTICAST_HOPS`), as `setMulticastTtlV4`. */
  setMulticastHopsV6(hops: number): void;

  /** Whether multicast datagrams that are sent come back to members on this host. */
  multicastLoopV4(): boolean;

  /** Sets it (`IP_MULTICAST_LOOP`): on Unix for what this socket sends, on Windows for what it receives. On at first. */
  setMulticastLoopV4(on: boolean): void;

  /** As `multicastLoopV4`. */
  multicastLoopV6(): boolean;

  /** As `setMulticastLoopV4` (`IPV6_MULTICAST_LOOP`). */
  setMulticastLoopV6(on: boolean): void;

  /** Whether the kernel joins datagrams on receipt. */
  coalescing(): boolean;

  /**
   * Lets the kernel join datagrams of equal size from one sender into one message (`UDP_GRO`, udp(7)): far fewer receives under load. `recvBatch` alone can tell their
   * borders (`segmentSize`), so the other receives are then `EVLOOP_UNSUPPORTED`; slots should have 65,535 bytes. Off at first.
   * Receive until `WouldBlock` before turning it off: what was joined and still waits loses its borders.
   *
   * @throws `EVLOOP_UNSUPPORTED` for `true` where `supports.udpCoalescing` is false.
   */
  setCoalescing(on: boolean): void;

  /** Closes the socket, and deregisters it. Datagrams that were taken are still sent. Does nothing the second time. */
  close(): void;
}
