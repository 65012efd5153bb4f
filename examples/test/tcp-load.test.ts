import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connected, corkedWays, received, sleep, startServer } from './program.ts';

const MIB = 0x100000;
const GREETING = 'Hello world!\n';

/** Sends `size` random bytes as fast as they are taken; resolves to their hash. */
async function sendRandom(socket: Socket, size: number): Promise<string> {
  const hash = createHash('sha256');
  for (let sent = 0; sent < size; sent += MIB) {
    const bytes = randomBytes(MIB);
    hash.update(bytes);
    if (!socket.write(bytes)) await once(socket, 'drain');
  }
  socket.end();
  return hash.digest('hex');
}

/**
 * Reads slowly: nothing for a while, then in steps with pauses; resolves to the hash of what
 * follows the greeting.
 */
async function readSlowly(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  let skip = GREETING.length;
  let size = 0;
  await sleep(500);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    hash.update(chunk.subarray(Math.min(skip, chunk.length)));
    skip -= Math.min(skip, chunk.length);
    const before = size;
    size += chunk.length;
    if (Math.floor(size / MIB) > Math.floor(before / MIB)) await sleep(20);
  }
  return hash.digest('hex');
}

describe.each(corkedWays)('tcp_server on $name', ({ way }) => {
  const start = () => startServer('tcp_server', [...way, '--quiet']);

  it('echoes 64 MiB to a slow reader unchanged, in bounded memory', async () => {
    const server = await start();
    const before = server.memory();
    let most = before;
    const timer = setInterval(() => {
      most = Math.max(most, server.memory());
    }, 20);
    const socket = await connected(server.port);
    const [sent, echoed] = await Promise.all([sendRandom(socket, 64 * MIB), readSlowly(socket)]);
    clearInterval(timer);
    expect(echoed).toBe(sent);
    expect(most - before).toBeLessThan(64);
    expect(await server.stop()).toBe(0);
  });

  it('holds back a client that only sends, and serves the others meanwhile', async () => {
    const server = await start();
    const before = server.memory();
    const flood = await connected(server.port);
    flood.pause();
    const chunk = Buffer.alloc(MIB, 'x');
    let sent = 0;
    const push = () => {
      // Until nothing is taken any more: the kernel's buffers are full, and so is the server's
      // queue.
      while (sent < 256 && flood.write(chunk)) sent++;
      sent++;
    };
    flood.on('drain', push);
    push();
    const other = await connected(server.port);
    other.end('hello\n');
    expect((await received(other)).toString()).toBe(`${GREETING}hello\n`);
    await sleep(300);
    expect(server.memory() - before).toBeLessThan(64);
    expect(sent).toBeLessThan(64);
    flood.destroy();
    expect(await server.stop()).toBe(0);
  });

  it('gives each of 1,000 clients at once its own bytes', async () => {
    const server = await start();
    const sockets = await Promise.all(Array.from({ length: 1000 }, () => connected(server.port)));
    const payload = (i: number) => `client ${i} `.repeat(1 + (i % 300));
    const echoes = sockets.map((socket) => received(socket));
    // In two halves, so that all are under way before any ends.
    for (const [i, socket] of sockets.entries()) socket.write(payload(i));
    for (const [i, socket] of sockets.entries()) socket.end(payload(i));
    for (const [i, echo] of (await Promise.all(echoes)).entries()) {
      expect(echo.toString()).toBe(GREETING + payload(i) + payload(i));
    }
    expect(await server.stop()).toBe(0);
  });

  it('gives a client that has ended its side all of its echo before it closes', async () => {
    const server = await start();
    const socket = await connected(server.port);
    const bytes = randomBytes(3 * MIB);
    socket.pause();
    socket.end(bytes);
    await sleep(200);
    const echo = await received(socket);
    expect(echo.length).toBe(GREETING.length + bytes.length);
    expect(echo.subarray(GREETING.length).equals(bytes)).toBe(true);
    expect(await server.stop()).toBe(0);
  });

  it('survives a reset, a silent client and garbage', async () => {
    const server = await start();
    const silent = await connected(server.port);
    const served = await connected(server.port);
    const echo = received(served);
    served.write('before ');
    for (let i = 0; i < 20; i++) {
      const resetting = await connected(server.port);
      resetting.write(randomBytes(1 + i * 10000));
      if (i % 2 === 0) await once(resetting, 'data');
      resetting.resetAndDestroy();
      const garbage = await connected(server.port);
      garbage.write(randomBytes(50000));
      garbage.destroy();
    }
    const gone = await connected(server.port);
    gone.resetAndDestroy();
    served.end('after');
    expect((await echo).toString()).toBe(`${GREETING}before after`);
    const late = await connected(server.port);
    late.end('late');
    expect((await received(late)).toString()).toBe(`${GREETING}late`);
    silent.end('still here');
    expect((await received(silent)).toString()).toBe(`${GREETING}still here`);
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe('');
  });
});
