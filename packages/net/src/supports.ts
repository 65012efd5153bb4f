import type { SocketOptionName, Supports } from '@evloop/core';
import { UserSpaceSelector } from '@evloop/core/backend';
import { udpSupports } from '@evloop/udp';
import { STREAM_OPTIONS } from './socket/socket-options.ts';

// Bun closes an adopted stream at once. Deno's descriptor numbers are its own.
const NODE = !('Bun' in globalThis) && !('Deno' in globalThis);
const MAJOR = Number(process.versions.node.split('.')[0]);

// Older versions pad abstract names with NULs, so no other program finds them.
/** See `Supports`. */
export const supports: Supports = Object.freeze({
  ...UserSpaceSelector.supports,
  priority: false,
  tcpTtl: false,
  closeBehindBacklog: false,
  acceptRecovery: false,
  adoptFd: NODE && process.platform !== 'win32',
  // Both kinds of sockets got it in the same versions, for the same systems.
  tcpReusePort: udpSupports.udpReusePort,
  // Node on Windows has named pipes instead, which cannot shut down one direction: libuv ends
  // reading 50 ms after uv_shutdown (src/win/pipe.c, eof_timeout).
  unixStreams: process.platform !== 'win32',
  abstractNames: process.platform === 'linux' && MAJOR >= 22,
  unixPair: false,
  unixReset: false,
  peerCredentials: false,
  fdPassing: false,
  ...udpSupports,
  tcpStreamOptions: STREAM_OPTIONS,
  tcpListenerOptions: Object.freeze<SocketOptionName[]>([
    ...STREAM_OPTIONS,
    'ipv6Only',
    ...(udpSupports.udpReusePort ? (['reusePort'] as const) : []),
  ]),
  unixOptions: [],
  rawOptions: false,
});
