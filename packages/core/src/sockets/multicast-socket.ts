/**
 * The multicast side of a `UdpSocket`: groups, and the interface and limits of what is sent to
 * them.
 */
export interface MulticastSocket {
  /**
   * Begins to receive what is sent to `group` (`IP_ADD_MEMBERSHIP`, ip(7)), on an interface, given
   * by one of its IPv4 addresses, its name or its index; 0, `'0.0.0.0'` or left out: the system
   * chooses.
   *
   * @throws TypeError for what is no IPv4 address; `ENODEV` for an unknown interface;
   *   `EAFNOSUPPORT` on an IPv6 socket; `EINVAL` for no multicast group, `EADDRINUSE` for one that
   *   was joined, `ENODEV` …
   */
  joinMulticastV4(group: string, on?: string | number): void;

  /**
   * Ends what `joinMulticastV4` began, with the same arguments.
   *
   * @throws `EADDRNOTAVAIL` when it was not joined, and as there.
   */
  leaveMulticastV4(group: string, on?: string | number): void;

  /**
   * Begins to receive what `source` sends to `group`, and from no other unless it is joined too
   * (`MCAST_JOIN_SOURCE_GROUP`). Both are of the socket's family.
   *
   * @param on the interface, as that of `joinMulticastV4` or `joinMulticastV6`.
   * @throws as these; `EVLOOP_UNSUPPORTED` where `supports.udpSourceMulticast` is false.
   */
  joinMulticastSource(group: string, source: string, on?: string | number): void;

  /**
   * Ends what `joinMulticastSource` began, with the same arguments.
   *
   * @throws `EADDRNOTAVAIL` or `EINVAL`, and as there.
   */
  leaveMulticastSource(group: string, source: string, on?: string | number): void;

  /**
   * Begins to receive what is sent to `group`, on an interface, given by its index or its name
   * (`IPV6_JOIN_GROUP`, ipv6(7)); 0 or left out: the system chooses.
   *
   * @throws TypeError for what is no IPv6 address; `ENODEV` for an interface that is none; and as
   *   `joinMulticastV4`.
   */
  joinMulticastV6(group: string, interfaceId?: number | string): void;

  /** Ends what `joinMulticastV6` began, with the same arguments. */
  leaveMulticastV6(group: string, interfaceId?: number | string): void;

  /**
   * Sets the interface that multicast datagrams leave by (`IP_MULTICAST_IF`): by its address, name
   * or index; 0 or `'0.0.0.0'`: the system chooses.
   */
  setMulticastInterfaceV4(on: string | number): void;

  /** As above, by index or name (`IPV6_MULTICAST_IF`); 0: the system chooses. */
  setMulticastInterfaceV6(interfaceId: number | string): void;

  /**
   * The interface given last to `setMulticastInterfaceV4`, as it was given; `'0.0.0.0'` at first.
   */
  multicastInterfaceV4(): string | number;

  /** The interface given last to `setMulticastInterfaceV6`, as it was given; 0 at first. */
  multicastInterfaceV6(): number | string;

  /** The hop limit of IPv4 multicast datagrams. */
  multicastTtlV4(): number;

  /**
   * Sets the hop limit of multicast datagrams (`IP_MULTICAST_TTL`): 0 to 255, RangeError otherwise.
   * 1 at first: the local network.
   */
  setMulticastTtlV4(hops: number): void;

  /** The hop limit of IPv6 multicast datagrams. */
  multicastHopsV6(): number;

  /** Sets the hop limit of multicast datagrams (`IPV6_MULTICAST_HOPS`), as `setMulticastTtlV4`. */
  setMulticastHopsV6(hops: number): void;

  /** Whether multicast datagrams that are sent come back to members on this host. */
  multicastLoopV4(): boolean;

  /**
   * Sets it (`IP_MULTICAST_LOOP`): on Unix for what this socket sends, on Windows for what it
   * receives. On at first.
   */
  setMulticastLoopV4(on: boolean): void;

  /** As `multicastLoopV4`. */
  multicastLoopV6(): boolean;

  /** As `setMulticastLoopV4` (`IPV6_MULTICAST_LOOP`). */
  setMulticastLoopV6(on: boolean): void;
}
