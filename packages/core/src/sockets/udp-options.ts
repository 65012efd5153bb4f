import type { SocketOptions } from './socket-options.ts';

/** Options of `UdpSocket.bind`. */
export interface UdpBindOptions {
  /**
   * The limits of the receive queue, on a backend that has one in user space (`@evloop/udp`).
   * Further datagrams are dropped and counted (`counters().queueDrops`). Kernel backends ignore it:
   * the kernel's queue has the socket option `recvBufferSize`.
   */
  readonly queue?: UdpQueueLimits | undefined;
  /**
   * Socket options, set before the address is bound: `reuseAddr`, `reusePort`, `ipv6Only` and
   * others.
   */
  readonly socket?: SocketOptions | undefined;
}

/** The limits of a receive queue in user space. */
export interface UdpQueueLimits {
  /** The most datagrams: at least 1. Default: 1,024. */
  readonly datagrams?: number | undefined;
  /**
   * The most bytes, without headers: at least 1. Default: 1 MiB. One datagram always fits into an
   * empty queue.
   */
  readonly bytes?: number | undefined;
}

/** What a `UdpSocket` has lost, or has done without the kernel's help, since it was bound. */
export interface UdpCounters {
  /** Datagrams that a full receive queue in user space dropped. 0 on kernel backends. */
  readonly queueDrops: number;
  /**
   * Datagrams that the kernel dropped because its queue for this socket was full. On Linux, this is
   * the current value of `SO_MEMINFO`. `undefined` if `supports.udpKernelDrops` is false.
   */
  readonly kernelDrops: number | undefined;
  /** Entries of the error queue that were dropped, because 256 of them waited for `recvError`. */
  readonly errorDrops: number;
  /** Messages with a segment size that `sendBatch` cut itself, because the kernel could not. */
  readonly segmentedHere: number;
}
