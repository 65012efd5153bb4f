import type { SocketOptionName, Supports } from '@evloop/core';
import { UserSpaceDatagram, UserSpaceSelector } from '@evloop/core/backend';
import { TCP_STREAM_OPTIONS } from '../tcp/stream-options.ts';
import { TCP_LISTENER_OPTIONS } from '../tcp/tcp-listener.ts';

/** See `Supports`. */
export const supports: Supports = Object.freeze({
  ...UserSpaceSelector.supports,
  wakerHandles: false,
  priority: false,
  tcpReusePort: true,
  tcpTtl: true,
  closeBehindBacklog: true,
  acceptRecovery: true,
  adoptFd: false,
  unixStreams: true,
  abstractNames: true,
  unixPair: true,
  unixReset: true,
  peerCredentials: false,
  fdPassing: false,
  udpBatch: false,
  udpSegmentation: false,
  udpCoalescing: false,
  udpKernelDrops: true,
  udpRefusals: true,
  udpReusePort: true,
  udpPacketInfo: false,
  udpHeaderFields: false,
  udpTimestamps: false,
  udpErrorQueue: false,
  udpPathMtu: false,
  udpSteering: false,
  udpSourceMulticast: false,
  tcpStreamOptions: TCP_STREAM_OPTIONS,
  tcpListenerOptions: TCP_LISTENER_OPTIONS,
  unixOptions: Object.freeze<SocketOptionName[]>([]),
  udpOptions: UserSpaceDatagram.udpOptions,
  rawOptions: false,
});
