import type { SocketOptionName } from './socket-options.ts';

/**
 * What a backend can do, on this machine and this runtime. Complete and without defaults: with a
 * new ability, a backend does not compile until it answers.
 *
 * An ability that is `false` throws `EVLOOP_UNSUPPORTED` when it is used, or does not compile.
 */
export interface Supports {
  /** The thread may block: `Poll` has `pollSync`. */
  readonly pollSync: boolean;
  /** `new Poll({ cork: true })`: writes are sent together by the next wait. */
  readonly cork: boolean;
  /** The registry takes descriptors, so sources of kernel backends can be registered with it. */
  readonly descriptors: boolean;
  /** `Interest.PRIORITY` is accepted for sockets, and out-of-band data is reported. */
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
  /** The option `reusePort` of `TcpListener`. */
  readonly tcpReusePort: boolean;
  /** `ttl` and `setTtl` of TCP sockets. */
  readonly tcpTtl: boolean;
  /**
   * The end of the peer's side, and a reset, are reported also while back-pressure stops this side
   * from reading.
   */
  readonly closeBehindBacklog: boolean;
  /**
   * Connections that arrive while no descriptor is free wait. `accept` throws `EMFILE` or `ENFILE`.
   * The listener is reported again as soon as descriptors are free. If false, the listener survives
   * too, but those connections may be closed without an event: libuv accepts and closes them with a
   * descriptor that it keeps in reserve.
   */
  readonly acceptRecovery: boolean;
  /** `fromFd` of listeners and streams takes over inherited descriptors. */
  readonly adoptFd: boolean;
  /** `UnixListener` and `UnixStream`. If false, every way to make one throws. */
  readonly unixStreams: boolean;
  /** Unix sockets can have names that begin with `'\0'`, in Linux's abstract namespace. */
  readonly abstractNames: boolean;
  /** `UnixStream.pair`. */
  readonly unixPair: boolean;
  /**
   * Closing a Unix stream with unread data resets it, as on TCP. If false, the peer may see a
   * normal end of stream.
   */
  readonly unixReset: boolean;
  /** `peerCredentials` of Unix streams. */
  readonly peerCredentials: boolean;
  /** `writeWithFds` and `readWithFds` of Unix streams. */
  readonly fdPassing: boolean;
  /**
   * `recvBatch` and `sendBatch` of UDP sockets are one system call each. If false, they are a loop,
   * with the same results.
   */
  readonly udpBatch: boolean;
  /**
   * `sendBatch` lets the kernel cut messages with a segment size (`UDP_SEGMENT`). If false, it cuts
   * them itself, and `counters().segmentedHere` counts them.
   */
  readonly udpSegmentation: boolean;
  /** `setCoalescing` of UDP sockets. */
  readonly udpCoalescing: boolean;
  /** `counters().kernelDrops` of UDP sockets is a number. */
  readonly udpKernelDrops: boolean;
  /**
   * A connected UDP socket learns that its peer refuses: `ECONNREFUSED`, and an event with `error`.
   * libuv on Windows ignores it.
   */
  readonly udpRefusals: boolean;
  /** The option `reusePort` of UDP sockets. */
  readonly udpReusePort: boolean;
  /**
   * The option `packetInfo` of UDP sockets, and the members `source` and `interfaceIndex` of
   * `SendControl`.
   */
  readonly udpPacketInfo: boolean;
  /**
   * The options `recvTos` and `recvTtl` of UDP sockets, and the members `tos` and `ttl` of
   * `SendControl`.
   */
  readonly udpHeaderFields: boolean;
  /**
   * The options `recvTimestamps`, `sendTimestamps` and `txTime` of UDP sockets, and `transmitAt` of
   * `SendControl`.
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
   * The options that `TcpStream` takes, at `connect` and later. Some can be set only at `connect`.
   */
  readonly tcpStreamOptions: readonly SocketOptionName[];
  /**
   * The options that `TcpListener` takes, at `bind` and later, for itself or for its accepted
   * streams.
   */
  readonly tcpListenerOptions: readonly SocketOptionName[];
  /** The options that Unix sockets take. */
  readonly unixOptions: readonly SocketOptionName[];
  /** The options that UDP sockets take, at `bind` and later. */
  readonly udpOptions: readonly SocketOptionName[];
  /** `getOption` and `setOption`: any option of a socket by the system's numbers. */
  readonly rawOptions: boolean;
}
