import type { SocketOptionName } from './socket-options.ts';

/**
 * What a backend can do, on this machine and this runtime. Complete and without defaults: a new
 * ability makes every backend's compilation fail until it has answered.
 *
 * What is `false` throws `EVLOOP_UNSUPPORTED` when it is tried, or does not compile.
 */
export interface Supports {
  /** The thread may block: `Poll` has `pollSync`. */
  readonly pollSync: boolean;
  /** `new Poll({ cork: true })`: writes are sent together by the next wait. */
  readonly cork: boolean;
  /** The registry takes descriptors, so sources of kernel backends can be registered with it. */
  readonly descriptors: boolean;
  /** `Interest.PRIORITY` is accepted for sockets, and out-of-band data reported. */
  readonly priority: boolean;
  /** `Mode.LEVEL` of every source. */
  readonly levelMode: boolean;
  /** `Mode.ONESHOT` of every source. */
  readonly oneshotMode: boolean;
  /** `Mode.EXCLUSIVE` of listeners. */
  readonly exclusiveMode: boolean;
  /** `poll.asSource()`: a poll can be registered with another one. */
  readonly nestedPoll: boolean;
  /** `waker.handle()`: a poll can be woken from other threads. */
  readonly wakerHandles: boolean;
  /** The bind option `reusePort` of `TcpListener`. */
  readonly tcpReusePort: boolean;
  /** `ttl` and `setTtl` of TCP sockets. */
  readonly tcpTtl: boolean;
  /**
   * The end of the peer's side, and a reset, are reported also while back-pressure keeps this side
   * from reading.
   */
  readonly closeBehindBacklog: boolean;
  /**
   * Connections that arrive while no descriptor is free wait, `accept` throws `EMFILE` or `ENFILE`,
   * and the listener is reported ready by itself once descriptors are free. Where false the
   * listener survives all the same, but those connections may be ended without an event: libuv
   * keeps a descriptor in reserve to accept and close them with.
   */
  readonly acceptRecovery: boolean;
  /** `fromFd` of listeners and streams takes over inherited descriptors. */
  readonly adoptFd: boolean;
  /** `UnixListener` and `UnixStream`. Where false every way to get one throws. */
  readonly unixStreams: boolean;
  /** Unix sockets can have names that begin with `'\0'`, in Linux' abstract namespace. */
  readonly abstractNames: boolean;
  /** `UnixStream.pair`. */
  readonly unixPair: boolean;
  /**
   * Closing a Unix stream with unread data resets it, as is so with TCP. Where false the peer may
   * see an end in order.
   */
  readonly unixReset: boolean;
  /** `peerCredentials` of Unix streams. */
  readonly peerCredentials: boolean;
  /** `writeWithFds` and `readWithFds` of Unix streams. */
  readonly fdPassing: boolean;
  /**
   * `recvBatch` and `sendBatch` of UDP sockets are one system call each. Where false they are a
   * loop, with the same results.
   */
  readonly udpBatch: boolean;
  /**
   * `sendBatch` has the kernel cut messages with a segment size (`UDP_SEGMENT`). Where false it
   * cuts them, and `counters().segmentedHere` counts them.
   */
  readonly udpSegmentation: boolean;
  /** `setCoalescing` of UDP sockets. */
  readonly udpCoalescing: boolean;
  /** `counters().kernelDrops` of UDP sockets is a number. */
  readonly udpKernelDrops: boolean;
  /**
   * A connected UDP socket is told that its peer refuses: `ECONNREFUSED`, and an event with
   * `error`. Windows' libuv ignores it.
   */
  readonly udpRefusals: boolean;
  /** The bind option `reusePort` of UDP sockets. */
  readonly udpReusePort: boolean;
  /**
   * The option `packetInfo` of UDP sockets, and the `source` and `interfaceIndex` of what is sent.
   */
  readonly udpPacketInfo: boolean;
  /**
   * The options `recvTos` and `recvTtl` of UDP sockets, and the `tos` and `ttl` of what is sent.
   */
  readonly udpHeaderFields: boolean;
  /**
   * The options `recvTimestamps`, `sendTimestamps` and `txTime` of UDP sockets, and `transmitAt`.
   */
  readonly udpTimestamps: boolean;
  /** `recvError` and the option `recvErrors` of UDP sockets. */
  readonly udpErrorQueue: boolean;
  /** `pathMtu` and the option `pathMtuDiscovery` of UDP sockets, and `maxSize` of `EMSGSIZE`. */
  readonly udpPathMtu: boolean;
  /** The option `steering` of UDP sockets. */
  readonly udpSteering: boolean;
  /** `joinMulticastSource` and `leaveMulticastSource` of UDP sockets. */
  readonly udpSourceMulticast: boolean;
  /**
   * The options of `SocketOptions` that `TcpStream` takes, at `connect` and later; those that must
   * be set earlier at `connect` alone.
   */
  readonly tcpStreamOptions: readonly SocketOptionName[];
  /**
   * Those that `TcpListener` takes, at `bind` and later, for itself or for the streams that it
   * accepts.
   */
  readonly tcpListenerOptions: readonly SocketOptionName[];
  /** Those that Unix sockets take. */
  readonly unixOptions: readonly SocketOptionName[];
  /** Those that UDP sockets take, at `bind` and later. */
  readonly udpOptions: readonly SocketOptionName[];
  /** `getOption` and `setOption`: any option of a socket by the system's numbers. */
  readonly rawOptions: boolean;
}
