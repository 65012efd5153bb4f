import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connected, corkedWays, sleep, startServer } from './program.ts';

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(10);
}

/** What a socket has received so far. */
function collect(socket: Socket): () => string {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

describe.each(corkedWays)('broadcast_server on $name', ({ way }) => {
  const start = (...args: string[]) => startServer('broadcast_server', [...way, ...args]);

  it('drops a client that does not read, and the others miss nothing', async () => {
    const server = await start('--queue', '300000');
    const before = server.memory();
    const slow = await connected(server.port);
    slow.pause();
    const [sender, reader] = [await connected(server.port), await connected(server.port)];
    await server.printed(/(Accepted[\s\S]*){3}/);
    const heard = collect(reader);
    let said = '';
    for (let i = 0; !server.stdout.includes('too slow'); i++) {
      // One piece, and the next when it has arrived: the reader is not slow, however busy the
      // machine.
      const line = `${i} ${'x'.repeat(50_000)}\n`;
      said += line;
      sender.write(line);
      await until(() => heard().length >= said.length);
      if (i > 2000) break;
    }
    expect(server.stdout).toMatch(/Connection closed: 127\.0\.0\.1:\d+: too slow: .*300000 bytes/);
    expect(heard() === said).toBe(true);
    expect(server.memory() - before).toBeLessThan(64);
    for (const socket of [slow, sender, reader]) socket.destroy();
    expect(await server.stop()).toBe(0);
  });

  it('refuses a line of 1 MiB, tells its sender, and serves the others', async () => {
    const server = await start();
    const before = server.memory();
    const [long, sender, reader] = await Promise.all([
      connected(server.port),
      connected(server.port),
      connected(server.port),
    ]);
    await server.printed(/(Accepted[\s\S]*){3}/);
    const [told, heard] = [collect(long), collect(reader)];
    const ended = once(long, 'end');
    long.write('short\n');
    await until(() => heard() === 'short\n');
    long.write(Buffer.alloc(0x100000, 'x'));
    await ended;
    expect(told()).toBe('Line too long: at most 65536 bytes\n');
    long.end();
    await server.printed(/Connection closed: 127\.0\.0\.1:\d+: a line of more than 65536 bytes\n/);
    // The longest that is allowed.
    const longest = `${'y'.repeat(65536)}\n`;
    sender.write(longest);
    await until(() => heard().length >= 6 + longest.length);
    expect(heard() === `short\n${longest}`).toBe(true);
    expect(server.memory() - before).toBeLessThan(64);
    for (const socket of [long, sender, reader]) socket.destroy();
    expect(await server.stop()).toBe(0);
  });

  it('cuts off a refused client that does not go away', async () => {
    const server = await start('--max-line', '10');
    const long = await connected(server.port);
    long.pause();
    long.write('12345678901');
    await server.printed(/Connection closed: 127\.0\.0\.1:\d+: a line of more than 10 bytes\n/);
    long.destroy();
    expect(await server.stop()).toBe(0);
  });

  it('keeps what has no newline to itself, and survives resets', async () => {
    const server = await start();
    const reader = await connected(server.port);
    const heard = collect(reader);
    for (let i = 0; i < 10; i++) {
      const sender = await connected(server.port);
      sender.write(`line ${i}\nno li`);
      await until(() => heard().includes(`line ${i}\n`));
      if (i % 2 === 0) sender.resetAndDestroy();
      else sender.end('ne');
    }
    await server.printed(/(closed[\s\S]*){10}/);
    expect(heard()).toBe(Array.from({ length: 10 }, (_, i) => `line ${i}\n`).join(''));
    reader.destroy();
    expect(await server.stop()).toBe(0);
  });
});
