/**
 * The options of sockets by name: socket(7), tcp(7), ip(7), ipv6(7). Times are in milliseconds,
 * rounded up to the system's unit.
 *
 * `supports` lists the options of each kind of socket; others throw `EVLOOP_UNSUPPORTED`. Options
 * given at `bind` or `connect` are set before the address is, as several of them require. An
 * accepted stream inherits the options of its listener.
 */
export interface SocketOptions {
  /** `SO_KEEPALIVE`: sends keep-alive probes to a silent peer. */
  readonly keepAlive?: boolean | undefined;
  /** `TCP_KEEPIDLE`: the silence before the first probe, in whole seconds. */
  readonly keepIdle?: number | undefined;
  /** `TCP_KEEPINTVL`: the time between two probes, in whole seconds. */
  readonly keepInterval?: number | undefined;
  /** `TCP_KEEPCNT`: the number of unanswered probes after which the connection fails. */
  readonly keepCount?: number | undefined;
  /** `TCP_USER_TIMEOUT`: how long sent bytes may stay unacknowledged. 0: the system decides. */
  readonly userTimeout?: number | undefined;
  /**
   * `SO_LINGER`: closing waits this long for the sent bytes, in the background, and then resets. 0
   * resets at once, `null` is off. Whole seconds. A backend may support only 0 and `null`.
   */
  readonly linger?: number | null | undefined;
  /** `TCP_NODELAY`: sends small writes at once. */
  readonly nodelay?: boolean | undefined;
  /** `TCP_CORK`: sends only full segments, for at most 200 ms. */
  readonly cork?: boolean | undefined;
  /** `TCP_NOTSENT_LOWAT`: writable only while fewer bytes than this are still unsent. */
  readonly notSentLowat?: number | undefined;
  /** `TCP_QUICKACK`: acknowledges at once, until the kernel decides otherwise. */
  readonly quickAck?: boolean | undefined;
  /**
   * `TCP_DEFER_ACCEPT`, for listeners: reports a connection when data has arrived, or after this
   * time. The kernel rounds it up to its retries.
   */
  readonly deferAccept?: number | undefined;
  /**
   * `TCP_FASTOPEN`, for listeners: how many connections may bring data with their first segment.
   */
  readonly fastOpen?: number | undefined;
  /**
   * `TCP_FASTOPEN_CONNECT`: the first `write` leaves with the first segment, if the peer is known
   * to accept that. At `connect` only. The attempt then begins with that write. So write on the
   * first event, whatever `finishConnect` returns: no other event comes before.
   */
  readonly fastOpenConnect?: boolean | undefined;
  /** `SO_RCVBUF`, in the system's count: Linux doubles the value. */
  readonly recvBufferSize?: number | undefined;
  /** `SO_SNDBUF`, in the system's count: Linux doubles the value. */
  readonly sendBufferSize?: number | undefined;
  /** `IP_TOS`. On a TCP socket, the kernel owns the two lowest bits. */
  readonly tos?: number | undefined;
  /** `IPV6_TCLASS`, for IPv6 sockets. */
  readonly trafficClass?: number | undefined;
  /** `SO_MARK`: for routing and firewalls. `EPERM` without CAP_NET_ADMIN. */
  readonly mark?: number | undefined;
  /** `SO_PRIORITY`: 0 to 6 without privileges. */
  readonly priority?: number | undefined;
  /** `SO_BINDTODEVICE`: an interface by name; `''` is any. */
  readonly bindToDevice?: string | undefined;
  /** `IP_FREEBIND`: binds an address that does not exist yet. */
  readonly freeBind?: boolean | undefined;
  /** `IP_TRANSPARENT`: binds an address of another host. `EPERM` without CAP_NET_ADMIN. */
  readonly transparent?: boolean | undefined;
  /** `IP_BIND_ADDRESS_NO_PORT`: a bound local address gets its port only when connecting. */
  readonly bindAddressNoPort?: boolean | undefined;
  /**
   * `SO_BUSY_POLL`: how long a receive polls the device, in whole microseconds. `EPERM` without
   * CAP_NET_ADMIN.
   */
  readonly busyPoll?: number | undefined;
  /**
   * `SO_INCOMING_CPU`: which CPU this socket serves, among sockets that share a port (`reusePort`).
   */
  readonly incomingCpu?: number | undefined;
  /**
   * `IPV6_V6ONLY`: binds an IPv6 address to IPv6 alone. At `bind` only. Off by default, as in Node:
   * `[::]` then also serves IPv4.
   */
  readonly ipv6Only?: boolean | undefined;
  /**
   * `SO_REUSEADDR`: lets several UDP sockets bind the same address. The last one receives the
   * unicast datagrams; each receives the multicast datagrams. TCP listeners always have it.
   */
  readonly reuseAddr?: boolean | undefined;
  /**
   * `SO_REUSEPORT`: several sockets, in this process or others, share an address, and the kernel
   * spreads the peers over them. Each of them must set it at `bind`.
   */
  readonly reusePort?: boolean | undefined;
  /**
   * `SO_ATTACH_REUSEPORT_CBPF`: which socket of a `reusePort` group gets a datagram. Set it on one
   * of the sockets: it applies to all. Sockets are numbered from 0 in the order of their `bind`.
   * When one closes, the last one takes its number. `null`, the default, leaves the choice to a
   * hash of the addresses. Reading returns what was set on this socket.
   */
  readonly steering?: Steering | null | undefined;
  /**
   * `IP_PKTINFO` and `IPV6_RECVPKTINFO`, for UDP sockets: reports the address and the interface at
   * which each datagram arrived. `replyTo` and `DatagramBatch.reply` then answer from there.
   */
  readonly packetInfo?: boolean | undefined;
  /**
   * `IP_RECVTOS` and `IPV6_RECVTCLASS`: reports the TOS or traffic class of received datagrams,
   * with ECN.
   */
  readonly recvTos?: boolean | undefined;
  /** `IP_RECVTTL` and `IPV6_RECVHOPLIMIT`: reports how many hops received datagrams had left. */
  readonly recvTtl?: boolean | undefined;
  /** `SO_TIMESTAMPING`: reports when the kernel received each datagram. */
  readonly recvTimestamps?: boolean | undefined;
  /** `SO_TIMESTAMPING`: reports through `recvError` when each datagram left for the device. */
  readonly sendTimestamps?: boolean | undefined;
  /**
   * `SO_TXTIME`: allows `SendControl.transmitAt`, by the monotonic clock or by `tai` (`EPERM`
   * without CAP_NET_ADMIN). A qdisc enforces the time: `fq` for `monotonic`, `etf` for `tai`:
   * tc-fq(8), tc-etf(8). Without one, also on loopback, the kernel sends at once. It cannot be
   * turned off again: `EINVAL`.
   */
  readonly txTime?: 'off' | 'monotonic' | 'tai' | undefined;
  /**
   * `IP_RECVERR` and `IPV6_RECVERR`: puts the errors that ICMP and this machine report about sent
   * datagrams into the error queue, for `recvError`. Unconnected sockets then learn of ICMP
   * messages too. Each entry is an `error` event, and no other operation throws it.
   */
  readonly recvErrors?: boolean | undefined;
  /**
   * `IP_MTU_DISCOVER` and `IPV6_MTU_DISCOVER`: ip(7). Linux starts with `want`.
   *
   * - `dont`: fragments.
   * - `want`: fragments datagrams above the known MTU of the path.
   * - `do`: never fragments; larger datagrams fail with `EMSGSIZE`.
   * - `probe`: as `do`, but ignores the known MTU of the path.
   * - `interface`, `omit`: protect against forged MTUs.
   */
  readonly pathMtuDiscovery?: 'dont' | 'want' | 'do' | 'probe' | 'interface' | 'omit' | undefined;
}

/**
 * How the sockets of a group share datagrams. A datagram without the chosen byte goes to socket 0.
 */
export type Steering =
  /** By the CPU on which the datagram arrives. */
  | { readonly by: 'cpu'; readonly sockets: number }
  /** By a byte of the payload, for instance of a QUIC connection ID: its value modulo `sockets`. */
  | { readonly by: 'byte'; readonly offset: number; readonly sockets: number };

/** The name of an option. */
export type SocketOptionName = keyof SocketOptions;

/** The value of an option. */
export type SocketOption<N extends SocketOptionName> =
  | NonNullable<SocketOptions[N]>
  | (N extends 'linger' | 'steering' ? null : never);

/** A socket whose options can be set and read. */
export interface SocketWithOptions {
  /**
   * Returns the socket option `name`, as the system has it. That may differ from what was set:
   * buffers are doubled, times rounded. If a backend cannot ask the system, it returns what was
   * set, or else the system's usual default.
   *
   * @throws EVLOOP_UNSUPPORTED: `supports` does not list the option for this kind of socket.
   *   TypeError: there is no such option. `ENOPROTOOPT` or `ENOTSUP`: a socket of this family lacks
   *   it.
   */
  socketOption<N extends SocketOptionName>(name: N): SocketOption<N>;

  /**
   * Sets the socket option `name`.
   *
   * @throws as `socketOption`. TypeError or RangeError: the value is invalid. `EPERM`: it needs a
   *   privilege. `EINVAL`: it can no longer be set.
   */
  setSocketOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void;

  /**
   * Returns the bytes of any option: getsockopt(2), with the system's numbers.
   *
   * @param size the most bytes to return. Default: the size of an `int`.
   * @throws EVLOOP_UNSUPPORTED: `supports.rawOptions` is false. RangeError: the value of this
   *   option is more than bytes. A `SystemError`.
   */
  getOption(level: number, option: number, size?: number): Uint8Array;

  /** Sets any option: setsockopt(2). @throws as `getOption`. */
  setOption(level: number, option: number, value: Uint8Array): void;
}
