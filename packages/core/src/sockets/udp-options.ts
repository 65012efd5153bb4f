import type { SocketOptions } from './socket-options.ts';

/** Options of `UdpSocket.bind`. */
export interface UdpBindOptions {
  /**
   * Lets several sockets bind the same address (`SO_REUSEADDR`, socket(7)): of unicast datagrams
   * only the last one gets any, of multicast ones each. Off where it is left out.
   */
  readonly reuseAddr?: boolean | undefined;
  /**
   * Spreads the senders over several sockets with the same address (`SO_REUSEPORT`), each of which
   * must ask for it. Off where it is left out. `EVLOOP_UNSUPPORTED` where `supports.udpReusePort`
   * is false.
   */
  readonly reusePort?: boolean | undefined;
  /**
   * Binds an IPv6 address to IPv6 alone. Off where it is left out, as in Node: `[::]` then also
   * receives from IPv4.
   */
  readonly ipv6Only?: boolean | undefined;
  /**
   * How much may wait in the receive queue of a backend that has one in user space (`@evloop/udp`);
   * further datagrams are dropped and counted (`counters().queueDrops`). Kernel backends have the
   * kernel's queue alone (the socket option `recvBufferSize`), and ignore it.
   */
  readonly queue?: UdpQueueLimits | undefined;
  /** Socket options, set before the address is bound. */
  readonly socket?: SocketOptions | undefined;
}

/** The bounds of a receive queue in user space. */
export interface UdpQueueLimits {
  /** Datagrams: at least 1, 1,024 where it is left out. */
  readonly datagrams?: number | undefined;
  /**
   * Bytes, headers not counted: at least 1, 1 MiB where it is left out. One datagram always fits
   * into an empty queue.
   */
  readonly bytes?: number | undefined;
}

/** What a `UdpSocket` has lost, or has done the slow way, since it was bound. */
export interface UdpCounters {
  /**
   * Datagrams dropped by a receive queue in user space, because it was full. 0 on kernel backends.
   */
  readonly queueDrops: number;
  /**
   * Datagrams dropped by the kernel because its queue for this socket was full (on Linux the drops
   * of `SO_MEMINFO`, which are up to date). `undefined` where `supports.udpKernelDrops` is false.
   */
  readonly kernelDrops: number | undefined;
  /**
   * Entries of the error queue that were dropped, because `recvError` was not called for 256 of
   * them.
   */
  readonly errorDrops: number;
  /** Messages with a segment size that `sendBatch` cut by itself, because the kernel could not. */
  readonly segmentedHere: number;
}
