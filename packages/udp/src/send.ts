import { type SocketAddress, WouldBlock } from '@evloop/core';
import { parseIPv6, splitZone, systemError } from '@evloop/core/backend';
import type { Endpoint } from './endpoint.ts';
import { checkZone } from './interfaces.ts';

/** The most bytes of one datagram: 65,535 less the headers that the length counts. */
const MOST = { IPv4: 65507, IPv6: 65527 };

/**
 * Hands one datagram over: `size` bytes of `buffer` from `offset`.
 *
 * @throws the error that the system would throw at once, or a pending error.
 */
export function sendOne(
  endpoint: Endpoint,
  buffer: Uint8Array,
  offset: number,
  size: number,
  to: SocketAddress | undefined,
): number | WouldBlock {
  if (endpoint.failed) throwPending(endpoint, true);
  const { peer } = endpoint;
  if (to === undefined) {
    if (peer === undefined) throw systemError('EDESTADDRREQ', 'send');
  } else {
    checkAddress(endpoint, to, 'send');
    if (peer !== undefined) throw systemError('EISCONN', 'send', to);
  }
  if (size > MOST.IPv4 && size > most(to ?? peer))
    throw systemError('EMSGSIZE', 'send', to ?? peer);
  if (endpoint.blocked) return WouldBlock;
  // The system may refuse it now, and dgram then keeps it. But the buffer belongs to the caller.
  const copy = Buffer.allocUnsafe(size);
  copy.set(size === buffer.length ? buffer : buffer.subarray(offset, offset + size));
  endpoint.send(copy, to);
  return size;
}

/**
 * Checks that this socket can connect or send to an address.
 *
 * @throws `EAFNOSUPPORT`, `EINVAL` or `ENETUNREACH`: it cannot. TypeError: the zone is unknown.
 */
export function checkAddress(endpoint: Endpoint, to: SocketAddress, syscall: string): void {
  if (to.family !== endpoint.family) throw systemError('EAFNOSUPPORT', syscall, to);
  if (to.port === 0) throw systemError('EINVAL', syscall, to);
  checkZone(to, syscall);
}

/**
 * Returns the most bytes of a datagram to that address. From IPv6 to IPv4, that is the limit of
 * IPv4.
 */
function most(to: SocketAddress | undefined): number {
  const bytes = to?.family === 'IPv6' ? parseIPv6(splitZone(to.address).address) : undefined;
  const mapped = bytes?.every((byte, i) => i > 11 || byte === (i < 10 ? 0 : 255));
  return bytes === undefined || mapped ? MOST.IPv4 : MOST.IPv6;
}

/** Throws the pending error, if there is one that this operation throws. */
export function throwPending(endpoint: Endpoint, sending: boolean): void {
  const error = endpoint.take(sending, sending ? 'send' : 'recvmsg');
  if (error !== undefined) throw error;
}
