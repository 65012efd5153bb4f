import type { SocketOptionName, Supports } from '@evloop/core';

type UdpSupports = Pick<
  Supports,
  | 'udpBatch'
  | 'udpSegmentation'
  | 'udpCoalescing'
  | 'udpKernelDrops'
  | 'udpRefusals'
  | 'udpReusePort'
  | 'udpPacketInfo'
  | 'udpHeaderFields'
  | 'udpTimestamps'
  | 'udpErrorQueue'
  | 'udpPathMtu'
  | 'udpSteering'
  | 'udpSourceMulticast'
  | 'udpOptions'
>;

const udpReusePort = hasReusePort(process.versions.node, process.platform);

/**
 * What the `UdpSocket` of this package can do: for the `supports` of backends that re-export it.
 */
export const udpSupports: UdpSupports = Object.freeze({
  udpBatch: false,
  udpSegmentation: false,
  udpCoalescing: false,
  udpKernelDrops: false,
  // On Windows, libuv ignores WSAECONNRESET (src/win/udp.c). Deno does not connect the socket in
  // the kernel (denoland/deno#36492).
  udpRefusals: process.platform !== 'win32' && !('Deno' in globalThis),
  udpReusePort,
  udpPacketInfo: false,
  udpHeaderFields: false,
  udpTimestamps: false,
  udpErrorQueue: false,
  udpPathMtu: false,
  udpSteering: false,
  udpSourceMulticast: !('Deno' in globalThis) && !('Bun' in globalThis),
  udpOptions: Object.freeze<SocketOptionName[]>([
    'recvBufferSize',
    'sendBufferSize',
    'ipv6Only',
    'reuseAddr',
    ...(udpReusePort ? (['reusePort'] as const) : []),
  ]),
});

// dgram got reusePort in Node 22.12 and 23.1. libuv supports it on these systems.
function hasReusePort(version: string, platform: NodeJS.Platform): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const known = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
  // Deno reports the version of Node that it follows, but lacks this option.
  return (
    known && !('Deno' in globalThis) && ['linux', 'freebsd', 'sunos', 'aix'].includes(platform)
  );
}
