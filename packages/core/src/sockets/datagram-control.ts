import type { SocketAddress } from '../address/address.ts';
import type { SystemError } from '../system-error.ts';

/**
 * What the kernel reported about a received datagram, besides its bytes and its sender. Each member
 * is `undefined` unless the socket option named with it is on.
 */
export interface DatagramInfo {
  /** The IP address that the sender used: unicast, multicast or broadcast (`packetInfo`). */
  readonly destination: string | undefined;
  /** The index of the interface of arrival (`packetInfo`). */
  readonly interfaceIndex: number | undefined;
  /** The type of service or traffic class (`recvTos`). The two lowest bits are ECN: RFC 3168. */
  readonly tos: number | undefined;
  /** The hops that were left (`recvTtl`). */
  readonly ttl: number | undefined;
  /**
   * When the kernel received it, in nanoseconds since 1970 (`recvTimestamps`). Also `undefined` for
   * datagrams that arrived before the kernel began to record it, a moment after the option was set.
   */
  readonly timestamp: bigint | undefined;
  /** Whether there was no room for all that the kernel reported. */
  readonly controlTruncated: boolean;
}

/** How one datagram is sent. For an omitted member, the socket's own setting applies. */
export interface SendControl {
  /**
   * The IP address to send from, one of this machine's. Another address fails with `EINVAL` or
   * `ENETUNREACH`, an address of the other family with `EAFNOSUPPORT`. `EVLOOP_UNSUPPORTED`:
   * `supports.udpPacketInfo` is false.
   */
  readonly source?: string | undefined;
  /**
   * The index of the interface to send on; 0 lets the routes choose. Fails as `source` does, or
   * with `ENODEV`.
   */
  readonly interfaceIndex?: number | undefined;
  /**
   * The type of service or traffic class, 0 to 255, with ECN in the two lowest bits.
   * `EVLOOP_UNSUPPORTED`: `supports.udpHeaderFields` is false.
   */
  readonly tos?: number | undefined;
  /** The hop limit, 1 to 255. Fails as `tos` does. */
  readonly ttl?: number | undefined;
  /**
   * When to send it, in nanoseconds of the clock of the option `txTime`. `process.hrtime.bigint()`
   * reads the monotonic clock. Without that option it fails with `EINVAL`. `SocketOptions.txTime`
   * lists what is needed.
   */
  readonly transmitAt?: bigint | undefined;
}

/** One entry of the error queue of a socket: `UdpSocket.recvError`. */
export interface QueuedError {
  /**
   * - `local`: this machine refused the datagram, for instance with `EMSGSIZE` for the path's MTU
   * - `icmp`: a host or router sent an ICMP or ICMPv6 message about it
   * - `timestamp`: it was sent; `timestamp` tells when. Not an error
   * - `txtime`: it missed its `transmitAt`, or that was invalid
   * - `other`: see `origin`
   */
  readonly kind: 'local' | 'icmp' | 'timestamp' | 'txtime' | 'other';
  /** The error; `undefined` for a timestamp. Its address is the datagram's destination. */
  readonly error: SystemError | undefined;
  /** The destination of the failed datagram; `undefined` for a timestamp. */
  readonly address: SocketAddress | undefined;
  /** The IP address of the host that sent the ICMP message. */
  readonly offender: string | undefined;
  /** `ee_origin`, `ee_type`, `ee_code` of ip(7): with `icmp` the type and code of the message. */
  readonly origin: number;
  readonly type: number;
  readonly code: number;
  /** With `EMSGSIZE`: the MTU of the path, in bytes, headers included. */
  readonly mtu: number | undefined;
  /** When the datagram was sent, in nanoseconds since 1970 (`sendTimestamps`). */
  readonly timestamp: bigint | undefined;
  /**
   * The number of the datagram that a timestamp is about. The kernel counts the sends of a socket
   * from 0 since `sendTimestamps` was set. A message with segments is one send.
   */
  readonly id: number | undefined;
  /** The bytes of the failed datagram that the kernel kept; empty for a timestamp. */
  readonly data: Uint8Array;
}
