import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { getRawOption } from './socket-options.ts';

const { IPPROTO_TCP, TCP_INFO, SIOCINQ, SIOCOUTQ } = native.constants;

/** The size of `struct tcp_info` of linux/tcp.h. Older kernels return less. */
const SIZE = 256;

/**
 * The kernel's knowledge of a TCP connection: `TCP_INFO`, tcp(7). A member that this kernel lacks
 * is `undefined`.
 */
export interface TcpInfo {
  /** The state, as in linux/tcp_states.h: 1 is established, 7 closed, 8 close-wait. */
  readonly state: number;
  /** The smoothed round-trip time and its variation, in milliseconds. */
  readonly rtt: number;
  readonly rttVariation: number;
  /** The size of a sent segment in bytes. */
  readonly mss: number;
  /** The most segments that may be under way. */
  readonly congestionWindow: number;
  /** The segments under way, and those sent again, now and in total. */
  readonly unacknowledged: number;
  readonly retransmitting: number;
  readonly retransmitted: number;
  /** Milliseconds since data was last sent and received. */
  readonly sinceSent: number;
  readonly sinceReceived: number;
  readonly bytesAcknowledged: number | undefined;
  readonly bytesReceived: number | undefined;
  /** Bytes that were taken but not yet sent for the first time. */
  readonly bytesNotSent: number | undefined;
}

function viewOf(fd: number): DataView {
  return new DataView(getRawOption(fd, IPPROTO_TCP, TCP_INFO, SIZE).buffer);
}

/** The state of a connection. */
export function tcpInfo(fd: number): TcpInfo {
  const view = viewOf(fd);
  const word = (at: number): number => view.getUint32(at, true);
  const long = (at: number): number | undefined =>
    view.byteLength >= at + 8 ? Number(view.getBigUint64(at, true)) : undefined;
  return {
    state: view.getUint8(0),
    rtt: word(68) / 1000,
    rttVariation: word(72) / 1000,
    mss: word(16),
    congestionWindow: word(80),
    unacknowledged: word(24),
    retransmitting: word(36),
    retransmitted: word(100),
    sinceSent: word(44),
    sinceReceived: word(52),
    bytesAcknowledged: long(120),
    bytesReceived: long(128),
    bytesNotSent: view.byteLength >= 148 ? word(144) : undefined,
  };
}

/** Returns how many connections wait to be accepted, and how many may. */
export function acceptQueue(fd: number): { waiting: number; backlog: number } {
  const view = viewOf(fd);
  // For a listener's queue, the kernel uses two counters of segments.
  return { waiting: view.getUint32(24, true), backlog: view.getUint32(28, true) };
}

const answer = new Int32Array(1);

/**
 * Returns the bytes in the kernel's queues of a stream: unread ones, and those that the peer has
 * not acknowledged (or, on a Unix socket, read).
 */
export function queueDepths(fd: number): { unread: number; unsent: number } {
  check(native.ioctl(fd, SIOCINQ, answer), 'ioctl');
  const unread = answer[0] as number;
  check(native.ioctl(fd, SIOCOUTQ, answer), 'ioctl');
  return { unread, unsent: answer[0] as number };
}
