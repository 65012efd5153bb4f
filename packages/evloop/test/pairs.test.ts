import { conformance } from '@evloop/conformance';
import type { Backend } from '@evloop/core';
import * as net from '@evloop/net';
import { describe, test } from 'vitest';

// A backend may be right alone and wrong with another: the server of one meets the clients of the other.
const epoll: Backend = process.platform === 'linux' ? await import('@evloop/epoll') : net;
const missing = epoll === net ? ' (skipped: epoll is Linux only)' : '';

for (const mode of ['async', 'sync'] as const) {
  describe.skipIf(missing !== '')(`epoll serves net, ${mode}${missing}`, () => {
    if (missing === '') conformance({ test, backend: { server: epoll, client: net }, mode });
  });

  describe.skipIf(missing !== '')(`net serves epoll, ${mode}${missing}`, () => {
    if (missing === '') conformance({ test, backend: { server: net, client: epoll }, mode });
  });
}
