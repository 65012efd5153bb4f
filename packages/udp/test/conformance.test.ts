import { datagramConformance } from '@evloop/conformance';
import type { Backend } from '@evloop/core';
import { Poll, UserSpaceSelector } from '@evloop/core/backend';
import { noNativeObject, onlyIf } from '@evloop/testing';
import { describe, test } from 'vitest';
import { UdpSocket, udpSupports } from '../src/index.ts';

/** The socket of this package with a poll that knows user-space sources alone. It has no TCP. */
const backend = {
  name: 'udp',
  supports: { ...UserSpaceSelector.supports, priority: false, ...udpSupports },
  Poll: class extends Poll {
    constructor() {
      super(new UserSpaceSelector());
    }
  },
  UdpSocket,
} as unknown as Backend;

// By path: epoll is no dependency of this package, but its poll must take these sockets where it
// runs.
const loaded = (await import('../../epoll/src/index.ts')) as unknown as Backend;
const epoll = loaded.unavailable === undefined ? loaded : undefined;

describe('on its own', () => {
  datagramConformance({ test, backend });
});

for (const mode of ['async', 'sync'] as const) {
  describe(
    `with epoll's poll, ${mode}`,
    onlyIf(epoll !== undefined, noNativeObject ?? 'epoll does not load here'),
    () => {
      // Where it does not load this test stands for all.
      if (epoll === undefined) return test('the conformance suite', () => {});
      const other = epoll;
      describe('sockets of this package', () => {
        datagramConformance({ test, mode, backend: { server: backend, client: other } });
      });
      describe('talking to the native socket', () => {
        datagramConformance({ test, mode, backend: { server: other, client: backend } });
      });
    },
  );
}
