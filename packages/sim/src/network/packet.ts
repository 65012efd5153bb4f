import type { SocketAddress } from '@evloop/core';
import type { Host } from '../host/host.ts';

/** TCP flags, as on the wire. */
export const Flag: {
  readonly FIN: 1;
  readonly SYN: 2;
  readonly RST: 4;
  readonly PSH: 8;
  readonly ACK: 16;
} = Object.freeze({ FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 });

/** A TCP segment. Offsets count from the initial sequence number of their direction. */
export interface Segment {
  readonly kind: 'tcp';
  readonly flags: number;
  readonly offset: number;
  /** What is acknowledged, as an offset in the other direction. */
  readonly ack: number;
  /** The receive window, in bytes. */
  readonly window: number;
  readonly data: Uint8Array;
  /** The initial sequence number of this direction, on the wire. */
  readonly isn: number;
  /** That of the other direction; 0 while it is unknown. */
  readonly peerIsn: number;
  /** The greatest segment that the sender takes; in a SYN. */
  readonly mss: number;
}

/** A UDP datagram. */
export interface DatagramPayload {
  readonly kind: 'udp';
  readonly data: Uint8Array;
  readonly ttl: number;
}

/** What the network answers about a packet that it could not deliver. */
export interface IcmpPayload {
  readonly kind: 'icmp';
  readonly what: 'port unreachable' | 'host unreachable' | 'fragmentation needed';
  /** The packet that it is about. */
  readonly about: Packet;
}

/** What travels between two hosts. */
export interface Packet {
  readonly id: number;
  readonly from: Host;
  readonly to: Host;
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly payload: Segment | DatagramPayload | IcmpPayload;
  /** When it left, in nanoseconds. */
  readonly sentAt: number;
  /** Names the packet's flow in decisions: `'c1→web connection 3'`. */
  readonly flow: string;
  /** Which packet of the flow, however often others were sent again. */
  readonly ordinal: number;
  /** Where the receiver's TCP finds the connection. */
  readonly connectionKey: string;
  /** What happened to it that would not have happened on an ideal link. */
  fate: string | undefined;
}

/** The number of bytes of the payload. */
export function payloadSize(payload: Packet['payload']): number {
  return payload.kind === 'icmp' ? 28 : payload.data.length;
}

/** The length of the IP packet, in bytes. */
export function wireSize({ payload, source }: Packet): number {
  const ip = source.family === 'IPv4' ? 20 : 40;
  return ip + (payload.kind === 'tcp' ? 20 : 8) + payloadSize(payload);
}

/**
 * Returns how many IP packets carry a packet: a datagram that exceeds the MTU is cut, at multiples
 * of 8 bytes (RFC 791, RFC 8200). TCP's segments fit.
 */
export function fragmentsOf({ payload, source }: Packet, mtu: number): number {
  if (payload.kind !== 'udp') return 1;
  const header = source.family === 'IPv4' ? 20 : 40;
  const size = payload.data.length + 8;
  if (header + size <= mtu) return 1;
  // IPv6 has a header of 8 bytes more for a fragment.
  const room = mtu - header - (source.family === 'IPv4' ? 0 : 8);
  return Math.ceil(size / (room - (room % 8)));
}
