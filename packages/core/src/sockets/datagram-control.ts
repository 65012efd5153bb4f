import type { SocketAddress } from '../address/address.ts';
import type { SystemError } from '../system-error.ts';

/**
 * What the kernel told about a received datagram, besides its bytes and its sender. Each member is
 * `undefined` unless the socket option named with it is on.
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
   * When the kernel received it, in nanoseconds since 1970 (`recvTimestamps`). `undefined` also for
   * what arrived before the kernel had begun to note it, a moment after the option was set.
   */
  readonly timestamp: bigint | undefined;
  /** Whether the kernel had more to tell than there was room for. */
  readonly controlTruncated: boolean;
}

/** How one datagram is sent. What is left out is as the socket has it. */
export interface SendControl {
  /**
   * The IP address to send from, one of this machine's. `EINVAL` or `ENETUNREACH` for any other,
   * `EAFNOSUPPORT` for one of the other family. `EVLOOP_UNSUPPORTED` where `supports.udpPacketInfo`
   * is false.
   */
  readonly source?: string | undefined;
  /** The index of the interface to send on; 0 lets the routes choose. As `source`; `ENODEV`. */
  readonly interfaceIndex?: number | undefined;
  /**
   * The type of service or traffic class, 0 to 255, with ECN in the two lowest bits.
   * `EVLOOP_UNSUPPORTED` where `supports.udpHeaderFields` is false.
   */
  readonly tos?: number | undefined;
  /** The hop limit, 1 to 255. As `tos`. */
  readonly ttl?: number | undefined;
  /**
   * When to send it, in nanoseconds of the clock of the option `txTime`: `process.hrtime.bigint()`
   * tells the monotonic one. `EINVAL` without that option. See `SocketOptions.txTime` for what is
   * needed.
   */
  readonly transmitAt?: bigint | undefined;
}

/** One entry of the error queue of a socket: `UdpSocket.recvError`. */
export interface QueuedError {
  /**
   * - `local`: this machine refused the datagram, as `EMSGSIZE` of the path's MTU
   * - `icmp`: a host or router sent an ICMP or ICMPv6 message about it
   * - `timestamp`: it was sent; `timestamp` says when. Not an error
   * - `txtime`: it missed its `transmitAt`, or that was invalid
   * - `other`: see `origin`
   */
  readonly kind: 'local' | 'icmp' | 'timestamp' | 'txtime' | 'other';
  /** The error; `undefined` for a timestamp. Its address is that of the datagram's destination. */
  readonly error: SystemError | undefined;
  /** Where the failed datagram was sent to; `undefined` for a timestamp. */
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
   * Which datagram a timestamp is about. The kernel counts the sends of a socket from 0, from when
   * `sendTimestamps` was set. A message with segments is one send.
   */
  readonly id: number | undefined;
  /** The bytes of the failed datagram, as many as the kernel kept; empty for a timestamp. */
  readonly data: Uint8Array;
}
