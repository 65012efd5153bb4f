import { type SocketAddress, WouldBlock } from '@evloop/core';
import { parseIPv6, splitZone, systemError } from '@evloop/core/backend';
import type { Endpoint } from './endpoint.ts';
import { checkZone } from './interfaces.ts';

/** What one datagram can carry: 65,535 less the headers that the length counts. */
const MOST = { IPv4: 65507, IPv6: 65527 };

/**
 * Hands one datagram over: `size` bytes of `buffer` from `offset`.
 *
 * @throws what the system would throw at once, and a pending error.
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
  // The system may refuse to take it now, and dgram then keeps it. But the bytes are the caller's.
  const copy = Buffer.allocUnsafe(size);
  copy.set(size === buffer.length ? buffer : buffer.subarray(offset, offset + size));
  endpoint.send(copy, to);
  return size;
}

/**
 * @throws `EAFNOSUPPORT`, `EINVAL` or `ENETUNREACH` for an address to which this socket can neither
 *   connect nor send; TypeError for one whose zone is unknown.
 */
export function checkAddress(endpoint: Endpoint, to: SocketAddress, syscall: string): void {
  if (to.family !== endpoint.family) throw systemError('EAFNOSUPPORT', syscall, to);
  if (to.port === 0) throw systemError('EINVAL', syscall, to);
  checkZone(to, syscall);
}

/** What a datagram to that address can carry: through IPv6 to IPv4 no more than IPv4 does. */
function most(to: SocketAddress | undefined): number {
  const bytes = to?.family === 'IPv6' ? parseIPv6(splitZone(to.address).address) : undefined;
  const mapped = bytes?.every((byte, i) => i > 11 || byte === (i < 10 ? 0 : 255));
  return bytes === undefined || mapped ? MOST.IPv4 : MOST.IPv6;
}

/** @throws the pending error, where there is one that this operation throws. */
export function throwPending(endpoint: Endpoint, sending: boolean): void {
  const error = endpoint.take(sending, sending ? 'send' : 'recvmsg');
  if (error !== undefined) throw error;
}
