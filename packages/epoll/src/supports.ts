import type { Supports } from '@evloop/core';
import { unavailable } from './native/binding.ts';
import { native } from './native/native.ts';
import { OPTION_NAMES } from './socket/option-names.ts';

const { AF_INET, AF_INET6, SOCK_DGRAM, IPPROTO_UDP, UDP_SEGMENT, UDP_GRO } = native.constants;

// Both need newer kernels than some in use: udp(7). A service may be forbidden to make IP sockets
// (RestrictAddressFamilies= of systemd.exec(5)), or have no free descriptor. Then the import still
// succeeds, and neither counts as supported.
function probe(): { segment: boolean; coalesce: boolean } {
  const none = { segment: false, coalesce: false };
  if (unavailable !== undefined) return none;
  const v4 = native.socket(AF_INET, SOCK_DGRAM, 0);
  const fd = v4 < 0 ? native.socket(AF_INET6, SOCK_DGRAM, 0) : v4;
  if (fd < 0) return none;
  const size = new Uint8Array(4);
  const segment = native.getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, size) >= 0;
  const coalesce = native.getsockopt(fd, IPPROTO_UDP, UDP_GRO, size) >= 0;
  native.close(fd);
  return { segment, coalesce };
}

const { segment, coalesce } = probe();

const abilities: Supports = {
  pollSync: true,
  cork: true,
  descriptors: true,
  priority: true,
  tcpTtl: true,
  closeBehindBacklog: true,
  acceptRecovery: true,
  adoptFd: true,
  levelMode: true,
  oneshotMode: true,
  exclusiveMode: true,
  nestedPoll: true,
  wakerHandles: true,
  tcpReusePort: true,
  unixStreams: true,
  abstractNames: true,
  unixPair: true,
  unixReset: true,
  peerCredentials: true,
  fdPassing: true,
  udpBatch: true,
  udpSegmentation: segment,
  udpCoalescing: coalesce,
  udpKernelDrops: true,
  udpRefusals: true,
  udpReusePort: true,
  udpPacketInfo: true,
  udpHeaderFields: true,
  udpTimestamps: true,
  udpErrorQueue: true,
  udpPathMtu: true,
  udpSteering: true,
  udpSourceMulticast: true,
  tcpStreamOptions: OPTION_NAMES.tcpStream,
  tcpListenerOptions: OPTION_NAMES.tcpListener,
  unixOptions: OPTION_NAMES.unix,
  udpOptions: OPTION_NAMES.udp,
  rawOptions: true,
};

function without(all: Supports): Supports {
  const none = Object.entries(all).map(([name, can]) => [name, Array.isArray(can) ? [] : false]);
  return Object.fromEntries(none) as Supports;
}

/** See `Supports`. Empty where the package is `unavailable`. */
export const supports: Supports = Object.freeze(
  unavailable === undefined ? abilities : without(abilities),
);
