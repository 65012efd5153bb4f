import type { Supports } from '@evloop/core';
import { udpSupports } from '@evloop/udp';

/** See `Supports`. */
export const supports: Supports = Object.freeze({
  pollSync: false,
  descriptors: false,
  priority: false,
  tcpTtl: false,
  closeBehindBacklog: false,
  acceptRecovery: false,
  adoptFd: process.platform !== 'win32',
  levelMode: true,
  oneshotMode: true,
  exclusiveMode: false,
  nestedPoll: false,
  wakerHandles: true,
  tcpReusePort: false,
  ...udpSupports,
});
