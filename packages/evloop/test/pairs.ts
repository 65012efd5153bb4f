import { conformance, modelTests } from '@evloop/conformance';
import type { Backend } from '@evloop/core';
import * as net from '@evloop/net';
import { needsNative, noNativeObject } from '@evloop/testing';
import * as fastCheck from 'fast-check';
import { describe, test } from 'vitest';

// A backend may be right alone and wrong with another: the server of one meets the clients of the
// other.
const epoll: Backend = process.platform === 'linux' ? await import('@evloop/epoll') : net;

const seed = process.env['EVLOOP_SEED'];

/** The contract between the two, in both directions, waiting in one of the two ways. */
export function pairs(mode: 'async' | 'sync'): void {
  for (const [server, client] of [
    [epoll, net],
    [net, epoll],
  ] as const) {
    const title = `${server.name} serves ${client.name}, ${mode}`;
    describe(title, needsNative, () => {
      // Without the native object this test stands for all.
      if (noNativeObject !== undefined) return test('the conformance suite', () => {});
      const backend = { server, client };
      conformance({ test, backend, mode });
      modelTests({
        test: (name, run) => test(name, { timeout: 600_000 }, run),
        backend,
        mode,
        fastCheck,
        runs: Math.ceil(Number(process.env['EVLOOP_RUNS'] ?? 1000) / 10),
        timeLimitMs: 60_000,
        ...(seed === undefined ? {} : { seed: Number(seed) }),
      });
    });
  }
}
