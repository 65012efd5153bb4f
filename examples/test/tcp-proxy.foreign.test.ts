// tcp_proxy between real programs: large files through curl and ncat, and two databases.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { needs, startPostgres, startRedis } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { type Program, root, shell, sleep, startServer, ways } from './program.ts';

const GIBIBYTE = 2 ** 30;
const SOURCE = `node ${root}examples/test/gibibyte.mjs`;

/** The bytes that `gibibyte.mjs` prints, and their hash. */
const { gibibyte } = (await import('./gibibyte.mjs')) as { gibibyte(): Iterable<Buffer> };
let hash: string | undefined;
async function expectedHash(): Promise<string> {
  hash ??= await hashOf(Readable.from(gibibyte()));
  return hash;
}

async function hashOf(bytes: Readable): Promise<string> {
  const sha = createHash('sha256');
  for await (const chunk of bytes) sha.update(chunk as Buffer);
  return sha.digest('hex');
}

/** The greatest resident memory of a program so far, in MiB. */
function mostMemory({ child }: Program): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Resolves when no socket of `port` is in CLOSE-WAIT. */
async function nothingInCloseWait(port: number): Promise<void> {
  const command = `ss -Htan state close-wait '( sport = ${port} or dport = ${port} )'`;
  // The proxy may not have seen yet that its last client has left.
  while ((await shell(command)).stdout !== '') await sleep(50);
}

describe.each(ways)('tcp_proxy on %s, %s', (backend, wait) => {
  const start = (upstream: number, ...more: string[]) => {
    const args = ['--backend', backend, '--wait', wait, '--quiet', ...more];
    return startServer('tcp_proxy', ['--upstream', `127.0.0.1:${upstream}`, ...args]);
  };

  it('carries 1 GiB each way for curl', needs('curl', 'ss'), async () => {
    const server = createHttpServer(async (request, response) => {
      if (request.method === 'GET') await pipeline(Readable.from(gibibyte()), response);
      else response.end(await hashOf(request));
    });
    const port = await portOf(server);
    const proxy = await start(port);
    const url = `http://127.0.0.1:${proxy.port}/`;
    const before = mostMemory(proxy);
    const down = await shell(`curl -sS ${url} | sha256sum`);
    expect(down.stdout).toContain(await expectedHash());
    const up = await shell(`${SOURCE} | curl -sS -T - ${url}`);
    expect(up.stdout).toBe(await expectedHash());
    expect(mostMemory(proxy) - before).toBeLessThan(64);
    await nothingInCloseWait(proxy.port);
    expect(await proxy.stop()).toBe(0);
    server.close();
  });

  it('carries 1 GiB each way on one connection of ncat', needs('ncat', 'ss'), async () => {
    let uploaded: Promise<string> | undefined;
    const server = createServer({ allowHalfOpen: true }, async (socket) => {
      uploaded = hashOf(socket);
      // The answer begins while the upload is under way, and ends after it.
      await pipeline(Readable.from(gibibyte()), socket);
    });
    const port = await portOf(server);
    const proxy = await start(port);
    const before = mostMemory(proxy);
    const down = await shell(`${SOURCE} | ncat 127.0.0.1 ${proxy.port} | sha256sum`);
    expect(down.stdout).toContain(await expectedHash());
    expect(await uploaded).toBe(await expectedHash());
    expect(mostMemory(proxy) - before).toBeLessThan(64);
    await nothingInCloseWait(proxy.port);
    expect(await proxy.stop()).toBe(0);
    server.close();
  });

  it(
    'serves redis-benchmark unchanged',
    needs('redis-server', 'redis-benchmark', 'ss'),
    async () => {
      const redis = await startRedis();
      const proxy = await start(redis.port);
      const command = `redis-benchmark -h 127.0.0.1 -p ${proxy.port} -t ping,set,get --csv`;
      for (const more of ['-n 5000 -c 50', '-n 20000 -c 20 -P 16 -d 1000']) {
        const { code, stdout } = await shell(`${command} ${more}`);
        expect(code).toBe(0);
        expect(stdout).toMatch(/"GET","\d+/);
      }
      await nothingInCloseWait(proxy.port);
      expect(await proxy.stop()).toBe(0);
      await redis.stop();
    },
  );

  it('serves pgbench unchanged', needs('pgbench', 'setpriv', 'ss'), async () => {
    const postgres = await startPostgres();
    const proxy = await start(postgres.port);
    const to = `-h 127.0.0.1 -U postgres -p ${proxy.port} postgres`;
    const made = await shell(`pgbench -i -q ${to}`);
    expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('done in')]);
    for (const protocol of ['simple', 'prepared']) {
      const { stdout } = await shell(`pgbench -n -c 8 -t 50 -M ${protocol} ${to}`);
      expect(stdout).toContain('transactions actually processed: 400/400');
      expect(stdout).toContain('number of failed transactions: 0');
    }
    const each = await shell(`pgbench -n -C -c 4 -t 20 -S ${to}`);
    expect(each.stdout).toContain('transactions actually processed: 80/80');
    await nothingInCloseWait(proxy.port);
    expect(await proxy.stop()).toBe(0);
    await postgres.stop();
  });
});

it('gibibyte.mjs prints 1 GiB', async () => {
  let size = 0;
  for (const chunk of gibibyte()) size += chunk.length;
  expect(size).toBe(GIBIBYTE);
});
