import { type Supports, UserSpaceSelector } from '@evloop/core';
import { udpSupports } from '@evloop/udp';

const MAJOR = Number(process.versions.node.split('.')[0]);

// Older versions fill abstract names up with NULs, so that nobody else finds them.
/** See `Supports`. */
export const supports: Supports = Object.freeze({
  ...UserSpaceSelector.supports,
  priority: false,
  tcpTtl: false,
  closeBehindBacklog: false,
  acceptRecovery: false,
  adoptFd: process.platform !== 'win32',
  tcpReusePort: false,
  unixStreams: true,
  abstractNames: process.platform === 'linux' && MAJOR >= 22,
  unixPair: false,
  unixReset: false,
  peerCredentials: false,
  fdPassing: false,
  ...udpSupports,
});
