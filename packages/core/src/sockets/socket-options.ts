/**
 * The options of sockets by name: socket(7), tcp(7), ip(7), ipv6(7). Times are milliseconds,
 * rounded up to what the system counts in.
 *
 * `supports` says which of them each kind of socket takes; the others are `EVLOOP_UNSUPPORTED`.
 * Given at `bind` or `connect` they are set before the address is, which several need; a stream
 * that is accepted has its listener's.
 */
export interface SocketOptions {
  /** `SO_KEEPALIVE`: asks after a peer that is silent. */
  readonly keepAlive?: boolean | undefined;
  /** `TCP_KEEPIDLE`: after so long for the first time; whole seconds. */
  readonly keepIdle?: number | undefined;
  /** `TCP_KEEPINTVL`: and then so often; whole seconds. */
  readonly keepInterval?: number | undefined;
  /** `TCP_KEEPCNT`: so many times. */
  readonly keepCount?: number | undefined;
  /** `TCP_USER_TIMEOUT`: how long sent bytes may go unacknowledged; 0 is the system's choice. */
  readonly userTimeout?: number | undefined;
  /**
   * `SO_LINGER`: closing waits so long for what was sent, in the background, and then resets; 0
   * resets at once; `null` is off. Whole seconds. A backend may have 0 and `null` alone.
   */
  readonly linger?: number | null | undefined;
  /** `TCP_NODELAY`. */
  readonly nodelay?: boolean | undefined;
  /** `TCP_CORK`: sends full segments only, for 200 ms at the most. */
  readonly cork?: boolean | undefined;
  /** `TCP_NOTSENT_LOWAT`: writable only while fewer bytes than this are still unsent. */
  readonly notSentLowat?: number | undefined;
  /** `TCP_QUICKACK`: acknowledges at once, until the kernel decides otherwise. */
  readonly quickAck?: boolean | undefined;
  /**
   * `TCP_DEFER_ACCEPT`, of listeners: reported when data has come, or after so long. The kernel
   * rounds it up to its retries.
   */
  readonly deferAccept?: number | undefined;
  /** `TCP_FASTOPEN`, of listeners: how many connections may bring data with their first segment. */
  readonly fastOpen?: number | undefined;
  /**
   * `TCP_FASTOPEN_CONNECT`: the first `write` goes with the first segment, where the peer is known
   * to take it. At `connect` only. The attempt then begins with that write: write on the first
   * event, whatever `finishConnect` says, or no other will come.
   */
  readonly fastOpenConnect?: boolean | undefined;
  /** `SO_RCVBUF`, as the system counts: Linux takes the double. */
  readonly recvBufferSize?: number | undefined;
  /** `SO_SNDBUF`, likewise. */
  readonly sendBufferSize?: number | undefined;
  /** `IP_TOS`. The two lowest bits of a TCP socket's are the kernel's. */
  readonly tos?: number | undefined;
  /** `IPV6_TCLASS`, of IPv6 sockets. */
  readonly trafficClass?: number | undefined;
  /** `SO_MARK`: for routing and firewalls. `EPERM` without CAP_NET_ADMIN. */
  readonly mark?: number | undefined;
  /** `SO_PRIORITY`: 0 to 6 without privileges. */
  readonly priority?: number | undefined;
  /** `SO_BINDTODEVICE`: an interface by name; `''` is any. */
  readonly bindToDevice?: string | undefined;
  /** `IP_FREEBIND`: binds an address that is not there yet. */
  readonly freeBind?: boolean | undefined;
  /** `IP_TRANSPARENT`: binds an address that is another host's. `EPERM` without CAP_NET_ADMIN. */
  readonly transparent?: boolean | undefined;
  /** `IP_BIND_ADDRESS_NO_PORT`: a local address takes its port only when connecting. */
  readonly bindAddressNoPort?: boolean | undefined;
  /**
   * `SO_BUSY_POLL`: how long a receive polls the device; whole microseconds. `EPERM` without
   * CAP_NET_ADMIN.
   */
  readonly busyPoll?: number | undefined;
  /** `SO_INCOMING_CPU`: of sockets that share a port (`reusePort`), which serves which CPU. */
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
   * `SO_ATTACH_REUSEPORT_CBPF`: which socket of a group with `reusePort` gets a datagram. Sockets
   * count from 0 in the order of their `bind`; when one closes, the last takes its number. Set it
   * on one of them, with `reusePort`; it is for all. `null` leaves the choice to a hash of the
   * addresses, as at first. Reading gives what was set on this socket.
   */
  readonly steering?: Steering | null | undefined;
  /**
   * `IP_PKTINFO` and `IPV6_RECVPKTINFO`, of UDP sockets: tells the address and the interface at
   * which each datagram arrived, and has `replyTo` and `DatagramBatch.reply` answer from there.
   */
  readonly packetInfo?: boolean | undefined;
  /**
   * `IP_RECVTOS` and `IPV6_RECVTCLASS`: tells the TOS or traffic class, with ECN, of received
   * datagrams.
   */
  readonly recvTos?: boolean | undefined;
  /** `IP_RECVTTL` and `IPV6_RECVHOPLIMIT`: tells how many hops received datagrams had left. */
  readonly recvTtl?: boolean | undefined;
  /** `SO_TIMESTAMPING`: tells when the kernel received each datagram. */
  readonly recvTimestamps?: boolean | undefined;
  /** `SO_TIMESTAMPING`: tells by `recvError` when each datagram left for the device. */
  readonly sendTimestamps?: boolean | undefined;
  /**
   * `SO_TXTIME`: allows `SendControl.transmitAt`, by the monotonic clock or by `tai` (`EPERM`
   * without CAP_NET_ADMIN). A qdisc keeps the time: `fq` for `monotonic`, `etf` for `tai`:
   * tc-fq(8), tc-etf(8). Without one, on loopback too, the kernel sends at once. It cannot be
   * turned off again: `EINVAL`.
   */
  readonly txTime?: 'off' | 'monotonic' | 'tai' | undefined;
  /**
   * `IP_RECVERR` and `IPV6_RECVERR`: puts what ICMP and this machine report about sent datagrams
   * into the error queue, for `recvError`. Unconnected sockets then learn of ICMP messages, too.
   * These are an `error` event, and no other operation throws them.
   */
  readonly recvErrors?: boolean | undefined;
  /**
   * `IP_MTU_DISCOVER` and `IPV6_MTU_DISCOVER`: ip(7). `dont` fragments; `want` fragments what is
   * larger than the known MTU of the path; `do` never fragments, and what is larger is `EMSGSIZE`;
   * `probe` is `do`, but ignores the known MTU of the path. `interface` and `omit` are against
   * forged MTUs. Linux starts with `want`.
   */
  readonly pathMtuDiscovery?: 'dont' | 'want' | 'do' | 'probe' | 'interface' | 'omit' | undefined;
}

/**
 * How the sockets of a group share what arrives. Where the byte is missing, socket 0 gets the
 * datagram.
 */
export type Steering =
  /** By the CPU on which the datagram arrives. */
  | { readonly by: 'cpu'; readonly sockets: number }
  /** By a byte of the payload, as of a connection ID of QUIC: its value modulo `sockets`. */
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
   * The socket option `name`, as the system has it, which may differ from what was set: buffers are
   * doubled, times rounded. Where a backend cannot ask the system, what was set, and at first the
   * system's usual default.
   *
   * @throws `EVLOOP_UNSUPPORTED` when `supports` does not list it for this kind of socket;
   *   TypeError for a name that is none; a `SystemError`, `ENOPROTOOPT` or `ENOTSUP`, where a
   *   socket of this family has no such option.
   */
  socketOption<N extends SocketOptionName>(name: N): SocketOption<N>;

  /**
   * Sets the socket option `name`.
   *
   * @throws as `socketOption`; TypeError or RangeError for a value that is none; `EPERM`; `EINVAL`
   *   when it is too late.
   */
  setSocketOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void;

  /**
   * The bytes of any option: getsockopt(2), with the system's numbers.
   *
   * @param size how many bytes at the most; an `int`'s where it is left out.
   * @throws `EVLOOP_UNSUPPORTED` where `supports.rawOptions` is false; a `SystemError`; RangeError
   *   for levels and options whose value is more than bytes.
   */
  getOption(level: number, option: number, size?: number): Uint8Array;

  /** Sets any option: setsockopt(2). @throws as `getOption`. */
  setOption(level: number, option: number, value: Uint8Array): void;
}
