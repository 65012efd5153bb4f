import type { Supports } from '@evloop/core';
import { native } from './native/native.ts';
import { check } from './native/system-error.ts';
import { OPTION_NAMES } from './socket/option-names.ts';

const { AF_INET, SOCK_DGRAM, IPPROTO_UDP, UDP_SEGMENT, UDP_GRO } = native.constants;

// Both came with kernels that are newer than some in use: udp(7).
function probe(): { segment: boolean; coalesce: boolean } {
  const fd = check(native.socket(AF_INET, SOCK_DGRAM, 0), 'socket');
  const size = new Uint8Array(4);
  const segment = native.getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, size) >= 0;
  const coalesce = native.getsockopt(fd, IPPROTO_UDP, UDP_GRO, size) >= 0;
  native.close(fd);
  return { segment, coalesce };
}

const { segment, coalesce } = probe();

/** See `Supports`. */
export const supports: Supports = Object.freeze({
  pollSync: true,
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
  udpReusePort: true,
  tcpStreamOptions: OPTION_NAMES.tcpStream,
  tcpListenerOptions: OPTION_NAMES.tcpListener,
  unixOptions: OPTION_NAMES.unix,
  udpOptions: OPTION_NAMES.udp,
  rawOptions: true,
});
