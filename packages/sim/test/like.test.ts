import assert from 'node:assert/strict';
import type { Supports } from '@evloop/core';
import * as net from '@evloop/net';
import { needsNative } from '@evloop/testing';
import { describe, test } from 'vitest';
import { supportsLike } from '../src/backend/like.ts';
import { explore, type HostOptions, type Program, supports } from '../src/index.ts';

/** What `wanted` says that `has` does not. */
function beyond(has: Supports, wanted: Supports): string[] {
  return Object.entries(wanted).flatMap(([name, value]) => {
    const other = has[name as keyof Supports];
    if (!Array.isArray(value)) return value === true && other !== true ? [name] : [];
    const known = other as readonly string[];
    return value.filter((option) => !known.includes(option)).map((option) => `${name} ${option}`);
  });
}

async function failureOf(options: HostOptions, program: Program): Promise<string | undefined> {
  const report = await explore({}, async (sim) => {
    sim.host('one', options, program);
    await sim.run();
  });
  return report.found?.failure.message;
}

describe('a host that is like net', () => {
  test('supports nothing that net does not', () => {
    assert.deepEqual(beyond(net.supports, supportsLike('net')), []);
  });

  test('lacks nothing that both net and the simulator support', () => {
    const missing = beyond(supportsLike('net'), net.supports);
    assert.deepEqual(
      missing.filter((name) => beyond(supports, net.supports).includes(name) === false),
      [],
    );
  });

  test('refuses what net refuses', async () => {
    const like = { like: 'net' } as const;
    const refusals = await Promise.all([
      failureOf(like, ({ backend }) => backend.UnixStream.pair()),
      failureOf(like, ({ backend }) => backend.UnixListener.bind('\0abstract')),
      failureOf(like, async ({ backend }) =>
        (await backend.TcpListener.bind('127.0.0.1:0')).setTtl(9),
      ),
      failureOf(like, ({ backend }) =>
        backend.TcpListener.bind('127.0.0.1:0', { socket: { reusePort: true } }),
      ),
      failureOf(like, ({ backend }) =>
        backend.UdpSocket.bind('127.0.0.1:0', { socket: { reusePort: true } }),
      ),
      failureOf(like, ({ backend }) =>
        backend.TcpStream.connect('127.0.0.1:1', { socket: { userTimeout: 1000 } }),
      ),
    ]);
    for (const message of refusals) assert.match(message ?? 'nothing', /not supported|no .*|pairs/);
  });
});

test('a host that is like epoll, or nothing, has all of it', async () => {
  assert.equal(supportsLike('epoll'), supports);
  assert.equal(await failureOf({}, ({ backend }) => backend.UnixStream.pair()), undefined);
});

test('epoll supports all that a simulated host does', needsNative, async () => {
  const epoll = await import('@evloop/epoll');
  assert.deepEqual(beyond(epoll.supports, supports), []);
});

test('another name is an error', async () => {
  const report = await explore({}, async (sim) => {
    sim.host('one', { like: 'uring' as never }, () => {});
    await sim.run();
  });
  assert.match(
    report.found?.failure.message ?? '',
    /invalid like: uring \(expected 'epoll' or 'net'\)/,
  );
});
