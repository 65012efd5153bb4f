import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { built, connected, corkedWays, Program, received, startServer } from './program.ts';

const GREETING = 'Hello world!\n';
const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A server in Node that is half-open capable. */
async function upstreamOf(onSocket: (socket: Socket) => void): Promise<Server & { port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

/** How many sockets of `port` are in CLOSE_WAIT, as /proc/net/tcp counts them. */
function closeWaits(port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.filter((line) => {
    const [, local, remote, state] = line.trim().split(/\s+/);
    return state === '08' && (local?.endsWith(`:${hex}`) || remote?.endsWith(`:${hex}`));
  }).length;
}

describe.each(corkedWays)('tcp_proxy on $name', ({ way }) => {
  const start = (upstream: string, ...args: string[]) =>
    startServer('tcp_proxy', ['--upstream', upstream, ...way, ...args]);

  it('relays to a server by its name, and counts', async () => {
    const server = await startServer('tcp_server', []);
    const proxy = await start(`localhost:${server.port}`);
    const socket = await connected(proxy.port);
    const echo = received(socket);
    socket.end('hello\n');
    expect(String(await echo)).toBe(`${GREETING}hello\n`);
    await proxy.printed(/Connection closed/);
    expect(await proxy.stop()).toBe(0);
    expect(proxy.stdout).toContain('1 clients served, 0 cut off, 0 without an upstream; 25 bytes');
    expect(await server.stop()).toBe(0);
    expect(proxy.stderr).toBe('');
  });

  it.each(['client', 'upstream'])(
    'carries 32 MiB each way when the %s ends first',
    async (first) => {
      const [up, down] = [randomBytes(0x2000000), randomBytes(0x2000000)];
      let hear: (hash: string) => void;
      const heard = new Promise<string>((resolve) => {
        hear = resolve;
      });
      const upstream = await upstreamOf(async (socket) => {
        const all = readAll(socket);
        if (first === 'upstream') socket.end(down);
        hear(sha(await all));
        if (first === 'client') socket.end(down);
      });
      const proxy = await start(`127.0.0.1:${upstream.port}`);
      const before = proxy.memory();
      const socket = await connected(proxy.port);
      const answer = readAll(socket);
      if (first === 'client') socket.end(up);
      expect(sha(await answer)).toBe(sha(down));
      if (first === 'upstream') socket.end(up);
      await proxy.printed(/Connection closed: [\d.:]+\n/);
      expect(await heard).toBe(sha(up));
      expect(proxy.memory() - before).toBeLessThan(100);
      if (process.platform === 'linux') expect(closeWaits(proxy.port)).toBe(0);
      expect(await proxy.stop()).toBe(0);
      upstream.close();
    },
  );

  it('closes its client when the upstream refuses or dies, and serves the next', async () => {
    let die = true;
    const upstream = await upstreamOf((socket) => {
      if (die) socket.once('data', () => socket.resetAndDestroy());
      else socket.pipe(socket);
    });
    const proxy = await start(`127.0.0.1:${upstream.port}`);
    const first = await connected(proxy.port);
    first.resume().write('x');
    await once(first, 'end');
    first.end();
    await proxy.printed(/Connection closed: .*ECONNRESET/);
    die = false;
    const second = await connected(proxy.port);
    second.end('still there');
    expect(String(await received(second))).toBe('still there');
    upstream.close();
    await once(upstream, 'close');
    const third = await connected(proxy.port);
    await once(third.resume(), 'end');
    third.end();
    await proxy.printed(/Connection closed: .*ECONNREFUSED/);
    expect(await proxy.stop()).toBe(0);
  });

  it('closes a connection on which nothing moves, also when one side has ended', async () => {
    const upstream = await upstreamOf((socket) => socket.resume());
    const proxy = await start(`127.0.0.1:${upstream.port}`, '--half-idle', '1', '--idle', '2');
    const [half, idle] = [await connected(proxy.port), await connected(proxy.port)];
    half.resume().end('x');
    await once(half, 'close');
    await once(idle.resume(), 'end');
    await proxy.printed(/(nothing has moved[\s\S]*){2}/);
    idle.destroy();
    expect(await proxy.stop()).toBe(0);
    upstream.close();
  });

  it('drains on SIGTERM: refuses new clients, and lets the others finish', async () => {
    const upstream = await upstreamOf((socket) => socket.pipe(socket));
    const proxy = await start(`127.0.0.1:${upstream.port}`);
    const staying = await connected(proxy.port);
    staying.write('one');
    await once(staying, 'data');
    proxy.child.kill('SIGTERM');
    while (await connects(proxy.port));
    staying.end('two');
    expect(String(await received(staying))).toBe('two');
    expect(await proxy.ended).toBe(0);
    upstream.close();
  });
});

it.each([
  ['--upstream nonsense', /--upstream is HOST:PORT, for instance localhost:9000, not 'nonsense'/],
  ['', /--upstream is HOST:PORT, .* not ''/],
])('tcp_proxy %s: one plain line, exit code 1', async (args, message) => {
  const argv = [built('tcp_proxy'), ...args.split(' ').filter((arg) => arg !== '')];
  const proxy = new Program(process.execPath, argv);
  expect([await proxy.ended, proxy.stdout]).toEqual([1, '']);
  expect(proxy.stderr).toMatch(message);
});

it('is bounded by --clients: others wait until one leaves', async () => {
  const server = await startServer('tcp_server', []);
  const upstream = `127.0.0.1:${server.port}`;
  const proxy = await startServer('tcp_proxy', ['--upstream', upstream, '--clients', '1']);
  const first = await connected(proxy.port);
  await once(first, 'data');
  const second = await connected(proxy.port);
  let greeted = false;
  second.once('data', () => {
    greeted = true;
  });
  first.write('x');
  await once(first, 'data');
  expect(greeted).toBe(false);
  first.end();
  await once(second, 'data');
  second.destroy();
  expect(await proxy.stop()).toBe(0);
  expect(await server.stop()).toBe(0);
});

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

/** Whether somebody listens there. */
async function connects(port: number): Promise<boolean> {
  try {
    const socket = await connected(port);
    socket.destroy();
    return true;
  } catch {
    return false;
  }
}
