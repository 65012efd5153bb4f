import type { Supports } from '@evloop/core';

/** See `Supports`. */
export const supports: Supports = Object.freeze({
  pollSync: true,
  descriptors: true,
  priority: true,
  tcpTtl: true,
  closeBehindBacklog: true,
  acceptRecovery: true,
});
