import type { SocketOptionName, Supports } from '@evloop/core';
import { givenSocketOptions, unsupportedError } from '@evloop/core/backend';
import { supports } from './supports.ts';

/** The backend that a simulated host can be limited to. */
export type Like = 'epoll' | 'net';

/** What `@evloop/net` cannot do and a simulated host can. A test compares it with that package. */
const NET: Supports = Object.freeze({
  ...supports,
  tcpReusePort: false,
  tcpTtl: false,
  closeBehindBacklog: false,
  acceptRecovery: false,
  abstractNames: false,
  unixPair: false,
  unixReset: false,
  udpKernelDrops: false,
  udpReusePort: false,
  tcpStreamOptions: only(supports.tcpStreamOptions, ['nodelay', 'keepAlive', 'keepIdle', 'linger']),
  tcpListenerOptions: only(supports.tcpListenerOptions, [
    'nodelay',
    'keepAlive',
    'keepIdle',
    'linger',
    'ipv6Only',
  ]),
  udpOptions: supports.udpOptions.filter((name) => name !== 'reusePort'),
});

/** What a host can do that is like `like`. `@evloop/epoll` can do all that a simulated host can. */
export function supportsLike(like: Like | undefined): Supports {
  if (like === undefined || like === 'epoll') return supports;
  if (like === 'net') return NET;
  throw new RangeError(`invalid like: ${String(like)} (expected 'epoll' or 'net')`);
}

/** Checks the options of a socket. @throws EVLOOP_UNSUPPORTED: one is not in `known`. */
export function checkOptions(
  options: { readonly socket?: object | undefined } | undefined,
  known: readonly SocketOptionName[],
): void {
  givenSocketOptions(options?.socket, known);
}

/** Checks the address of a Unix socket. @throws EVLOOP_UNSUPPORTED: it is an abstract name. */
export function checkName(path: string, { abstractNames }: Supports): void {
  if (typeof path !== 'string' || !path.startsWith('\0') || abstractNames) return;
  throw unsupportedError('this backend has no abstract names of Unix sockets');
}

function only(
  all: readonly SocketOptionName[],
  names: readonly SocketOptionName[],
): readonly SocketOptionName[] {
  return Object.freeze(all.filter((name) => names.includes(name)));
}
