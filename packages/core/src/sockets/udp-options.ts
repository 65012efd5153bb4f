import type { SocketOptions } from './socket-options.ts';

/** Options of `UdpSocket.bind`. */
export interface UdpBindOptions {
  /**
   * How much may wait in the receive queue of a backend that has one in user space (`@evloop/udp`);
   * further datagrams are dropped and counted (`counters().queueDrops`). Kernel backends have the
   * kernel's queue alone (the socket option `recvBufferSize`), and ignore it.
   */
  readonly queue?: UdpQueueLimits | undefined;
  /**
   * Socket options, set before the address is bound: `reuseAddr`, `reusePort`, `ipv6Only` and
   * others.
   */
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
