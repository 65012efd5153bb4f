import type { SocketAddress } from '@evloop/core';
import { parseIPv4, parseIPv6 } from '@evloop/core/backend';
import {
  type DatagramPayload,
  Flag,
  type IcmpPayload,
  type Packet,
  type Segment,
} from '../network/packet.ts';
import { internetChecksum, sumWords } from './checksum.ts';

const PROTOCOLS = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 };
/** The shift of the TCP window (RFC 7323). */
const WINDOW_SHIFT = 7;
/** The longest IPv4 packet. Longer ones are what a kernel hands to its interface to be cut. */
const MOST = 65_535;

/** Writes a packet as its bytes on the wire, from the IP header on, with correct checksums. */
export function encodePacket(packet: Packet): Uint8Array {
  const { payload, source, destination } = packet;
  const six = source.family === 'IPv6';
  const [from, to] = [bytesOf(source), bytesOf(destination)];
  const body = encodeBody(packet, six);
  const protocol = payload.kind === 'icmp' && six ? PROTOCOLS.icmp6 : PROTOCOLS[payload.kind];
  writeChecksum(body, payload.kind, six, pseudoHeader(from, to, protocol, body.length));
  const header = six
    ? headerV6(from, to, protocol, body.length)
    : headerV4(from, to, protocol, body.length, packet.id);
  const bytes = new Uint8Array(header.length + body.length);
  bytes.set(header);
  bytes.set(body, header.length);
  return bytes;
}

function bytesOf({ address, family }: SocketAddress): Uint8Array {
  return (family === 'IPv4' ? parseIPv4(address) : parseIPv6(address)) as Uint8Array;
}

function encodeBody({ payload, source, destination }: Packet, six: boolean): Uint8Array {
  if (payload.kind === 'tcp') return encodeTcp(payload, source.port, destination.port, six);
  if (payload.kind === 'udp') return encodeUdp(payload, source.port, destination.port);
  return encodeIcmp(payload, six);
}

function encodeTcp(segment: Segment, from: number, to: number, six: boolean): Uint8Array {
  const { flags, offset, ack, data, isn, peerIsn, window, mss } = segment;
  const syn = (flags & Flag.SYN) !== 0;
  const header = syn ? 28 : 20;
  const bytes = new Uint8Array(header + Math.min(data.length, MOST - header - (six ? 0 : 20)));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, from);
  view.setUint16(2, to);
  view.setUint32(4, (isn + offset) >>> 0);
  view.setUint32(8, (flags & Flag.ACK) === 0 ? 0 : (peerIsn + ack) >>> 0);
  view.setUint8(12, (header / 4) << 4);
  view.setUint8(13, flags);
  view.setUint16(14, Math.min(0xffff, syn ? window : window >> WINDOW_SHIFT));
  if (syn) {
    // Options: maximum segment size, no operation, window scale.
    view.setUint32(20, 0x02040000 | Math.min(mss, 0xffff));
    view.setUint32(24, 0x01030300 | WINDOW_SHIFT);
  }
  bytes.set(data.subarray(0, bytes.length - header), header);
  return bytes;
}

function encodeUdp({ data }: DatagramPayload, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(8 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, from);
  view.setUint16(2, to);
  view.setUint16(4, bytes.length);
  bytes.set(data, 8);
  return bytes;
}

function encodeIcmp({ what, about }: IcmpPayload, six: boolean): Uint8Array {
  // It quotes the beginning of the packet that it is about.
  const quoted = encodePacket(about).subarray(0, six ? 1232 : 548);
  const bytes = new Uint8Array(8 + quoted.length);
  const codes = { 'port unreachable': 3, 'host unreachable': 1, 'fragmentation needed': 4 };
  const codes6 = { 'port unreachable': 4, 'host unreachable': 3, 'fragmentation needed': 0 };
  bytes[0] = six ? 1 : 3;
  bytes[1] = six ? codes6[what] : codes[what];
  bytes.set(quoted, 8);
  return bytes;
}

/** The sum of the pseudo-header that the checksums of TCP, UDP and ICMPv6 include. */
function pseudoHeader(from: Uint8Array, to: Uint8Array, protocol: number, length: number): number {
  return sumWords(from) + sumWords(to) + protocol + (length & 0xffff) + (length >> 16);
}

function writeChecksum(
  body: Uint8Array,
  kind: Packet['payload']['kind'],
  six: boolean,
  pseudo: number,
): void {
  const at = { tcp: 16, udp: 6, icmp: 2 }[kind];
  const sum = internetChecksum(body, kind === 'icmp' && !six ? 0 : pseudo);
  // A UDP checksum of 0 means that there is none.
  new DataView(body.buffer).setUint16(at, kind === 'udp' && sum === 0 ? 0xffff : sum);
}

function headerV4(
  from: Uint8Array,
  to: Uint8Array,
  protocol: number,
  length: number,
  id: number,
): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, Math.min(length + 20, MOST));
  view.setUint16(4, id & 0xffff);
  view.setUint16(6, 0x4000);
  view.setUint8(8, 64);
  view.setUint8(9, protocol);
  bytes.set(from, 12);
  bytes.set(to, 16);
  view.setUint16(10, internetChecksum(bytes));
  return bytes;
}

function headerV6(from: Uint8Array, to: Uint8Array, protocol: number, length: number): Uint8Array {
  const bytes = new Uint8Array(40);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, Math.min(length, MOST));
  view.setUint8(6, protocol);
  view.setUint8(7, 64);
  bytes.set(from, 8);
  bytes.set(to, 24);
  return bytes;
}
