/**
 * The multicast side of a `UdpSocket`: groups, and the interface and limits for sending to them.
 */
export interface MulticastSocket {
  /**
   * Joins `group` on an interface (`IP_ADD_MEMBERSHIP`, ip(7)).
   *
   * @param on one of the interface's IPv4 addresses, its name or its index. 0, `'0.0.0.0'` or
   *   omitted: the system chooses.
   * @throws TypeError: `group` is not an IPv4 address. `EINVAL`: it is not a multicast group.
   *   `ENODEV`: the interface is unknown. `EADDRINUSE`: already joined. `EAFNOSUPPORT`: this is an
   *   IPv6 socket.
   */
  joinMulticastV4(group: string, on?: string | number): void;

  /**
   * Leaves a group that `joinMulticastV4` joined with the same arguments.
   *
   * @throws `EADDRNOTAVAIL`: it was not joined. And as `joinMulticastV4`.
   */
  leaveMulticastV4(group: string, on?: string | number): void;

  /**
   * Joins `group` for the datagrams of `source` alone, unless other sources are joined too
   * (`MCAST_JOIN_SOURCE_GROUP`). Both addresses are of the socket's family.
   *
   * @param on the interface, as in `joinMulticastV4` or `joinMulticastV6`.
   * @throws as those. EVLOOP_UNSUPPORTED: `supports.udpSourceMulticast` is false.
   */
  joinMulticastSource(group: string, source: string, on?: string | number): void;

  /**
   * Leaves what `joinMulticastSource` joined with the same arguments.
   *
   * @throws `EADDRNOTAVAIL` or `EINVAL`: it was not joined. And as `joinMulticastSource`.
   */
  leaveMulticastSource(group: string, source: string, on?: string | number): void;

  /**
   * Joins `group` on an interface (`IPV6_JOIN_GROUP`, ipv6(7)).
   *
   * @param interfaceId the interface's index or name. 0 or omitted: the system chooses.
   * @throws TypeError: `group` is not an IPv6 address. `ENODEV`: the interface is unknown. And as
   *   `joinMulticastV4`.
   */
  joinMulticastV6(group: string, interfaceId?: number | string): void;

  /** Leaves a group that `joinMulticastV6` joined with the same arguments. */
  leaveMulticastV6(group: string, interfaceId?: number | string): void;

  /**
   * Sets the interface through which multicast datagrams leave (`IP_MULTICAST_IF`), by its address,
   * name or index. 0 or `'0.0.0.0'`: the system chooses.
   */
  setMulticastInterfaceV4(on: string | number): void;

  /**
   * Sets the interface through which multicast datagrams leave (`IPV6_MULTICAST_IF`), by its index
   * or name. 0: the system chooses.
   */
  setMulticastInterfaceV6(interfaceId: number | string): void;

  /**
   * Returns the interface last given to `setMulticastInterfaceV4`, in the same form. Default:
   * `'0.0.0.0'`.
   */
  multicastInterfaceV4(): string | number;

  /**
   * Returns the interface last given to `setMulticastInterfaceV6`, in the same form. Default: 0.
   */
  multicastInterfaceV6(): number | string;

  /** Returns the hop limit of IPv4 multicast datagrams. */
  multicastTtlV4(): number;

  /**
   * Sets the hop limit of IPv4 multicast datagrams (`IP_MULTICAST_TTL`). Default: 1, the local
   * network.
   *
   * @throws RangeError: `hops` is not an integer from 0 to 255.
   */
  setMulticastTtlV4(hops: number): void;

  /** Returns the hop limit of IPv6 multicast datagrams. */
  multicastHopsV6(): number;

  /**
   * Sets the hop limit of IPv6 multicast datagrams (`IPV6_MULTICAST_HOPS`), as `setMulticastTtlV4`.
   */
  setMulticastHopsV6(hops: number): void;

  /** Returns whether sent multicast datagrams come back to members on this host. */
  multicastLoopV4(): boolean;

  /**
   * Sets whether multicast datagrams come back to members on this host (`IP_MULTICAST_LOOP`). On
   * Unix it applies to what this socket sends, on Windows to what it receives. Default: true.
   */
  setMulticastLoopV4(on: boolean): void;

  /** Returns the setting of `setMulticastLoopV6`. */
  multicastLoopV6(): boolean;

  /** As `setMulticastLoopV4`, for IPv6 (`IPV6_MULTICAST_LOOP`). */
  setMulticastLoopV6(on: boolean): void;
}
