import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  built,
  connected,
  freePort,
  has,
  Program,
  root,
  sleep,
  startServer,
  ways,
} from './program.ts';

const LINES_OF_EACH = 2000;
const missing = ['ncat', 'socat'].filter((program) => !has(program));
const skipped = missing.length > 0 ? ` (skipped: not installed: ${missing.join(', ')})` : '';

/** A client of the broadcast, whatever it is. */
interface Talker {
  readonly name: string;
  say(text: string): Promise<void>;
  heard(): string;
  leave(): void;
}

function program(name: string, file: string, ...args: string[]): Talker {
  const { child } = new Program(file, args);
  const chunks: string[] = [];
  child.stdout.on('data', (text: string) => chunks.push(text));
  return {
    name,
    async say(text) {
      if (!child.stdin.write(text)) await once(child.stdin, 'drain');
    },
    heard: () => chunks.join(''),
    leave: () => child.stdin.end(),
  };
}

/** Writes each byte by itself. */
async function byteByByte(port: number): Promise<Talker> {
  const socket = await connected(port);
  const chunks: Buffer[] = [];
  socket.setNoDelay(true).on('data', (chunk: Buffer) => chunks.push(chunk));
  return {
    name: 'bytewise',
    async say(text) {
      for (const byte of Buffer.from(text)) {
        if (!socket.write(Uint8Array.of(byte))) await once(socket, 'drain');
        await new Promise(setImmediate);
      }
    },
    heard: () => Buffer.concat(chunks).toString(),
    leave: () => socket.destroy(),
  };
}

async function fiveTalkers(port: number): Promise<Talker[]> {
  const there = ['127.0.0.1', String(port)];
  return [
    program('ncat-1', 'ncat', ...there),
    program('ncat-2', 'ncat', ...there),
    program('socat', 'socat', '-', `TCP:127.0.0.1:${port}`),
    program('client', process.execPath, `${root}${built('tcp_client')}`, '--port', String(port)),
    await byteByByte(port),
  ];
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(10);
}

/** What a socket has received so far. */
function collect(socket: Socket): () => string {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

describe.each(ways)('broadcast_server on %s, %s', (backend, wait) => {
  const start = (...args: string[]) =>
    startServer('broadcast_server', ['--backend', backend, '--wait', wait, ...args]);

  it.skipIf(missing.length > 0)(
    `carries ${5 * LINES_OF_EACH} lines of five clients to all others${skipped}`,
    async () => {
      const server = await start();
      const talkers = await fiveTalkers(server.port);
      await server.printed(/(Accepted[\s\S]*){5}/);
      const lines = (talker: Talker) =>
        Array.from({ length: LINES_OF_EACH }, (_, i) => `${talker.name} says ${i}\n`);
      await Promise.all(
        talkers.map(async (talker) => {
          for (const line of lines(talker)) await talker.say(line);
        }),
      );
      for (const talker of talkers) {
        const others = talkers.filter((other) => other !== talker);
        const expected = others.map((other) => lines(other).join(''));
        await until(() => talker.heard().length >= expected.join('').length);
        const heard = talker.heard().split(/(?<=\n)/);
        // Complete, in the order of each sender, and nothing else: not its own above all.
        for (const [i, other] of others.entries()) {
          const from = heard.filter((line) => line.startsWith(`${other.name} `));
          expect(from.join('') === expected[i], `${talker.name} hears ${other.name}`).toBe(true);
        }
        expect(heard.length).toBe(4 * LINES_OF_EACH);
      }
      for (const talker of talkers) talker.leave();
      expect(await server.stop()).toBe(0);
      expect([server.stderr, server.stdout.includes('too slow')]).toEqual(['', false]);
    },
  );

  it.skipIf(missing.length > 0)(`delivers what ncat --broker delivers${skipped}`, async () => {
    const server = await start();
    const port = await freePort();
    const reference = new Program('ncat', ['--broker', '-v', '-l', '127.0.0.1', String(port)]);
    await reference.printed(/Listening on 127\.0\.0\.1:\d+/, 'stderr');
    const transcripts: string[][] = [];
    for (const [host, program] of [
      [server.port, server],
      [port, reference],
    ] as const) {
      const talkers = await fiveTalkers(host);
      if (program === server) await server.printed(/(Accepted[\s\S]*){5}/);
      else await reference.printed(/(Connection from [\d.]+:\d+[\s\S]*){5}/, 'stderr');
      for (let round = 0; round < 3; round++) {
        for (const talker of talkers) {
          // One after the other: the reference knows no lines, and would mix bytes of one with those of another.
          const line = `round ${round} of ${talker.name}\n`;
          await talker.say(line);
          await until(() =>
            talkers.every((other) => other === talker || other.heard().endsWith(line)),
          );
        }
      }
      transcripts.push(talkers.map((talker) => talker.heard()));
      for (const talker of talkers) talker.leave();
    }
    expect(transcripts[0]).toEqual(transcripts[1]);
    expect(transcripts[0]?.[0]?.split('\n')).toHaveLength(3 * 4 + 1);
    reference.child.kill();
    expect(await server.stop()).toBe(0);
  });

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
      // One piece, and the next when it has arrived: the reader is not slow, however busy the machine.
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
