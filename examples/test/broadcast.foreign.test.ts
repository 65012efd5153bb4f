import { once } from 'node:events';
import { needs } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { built, connected, freePort, Program, root, sleep, startServer, ways } from './program.ts';

const LINES_OF_EACH = 2000;

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

describe.each(ways)('broadcast_server on %s, %s', needs('ncat', 'socat'), (backend, wait) => {
  const start = () => startServer('broadcast_server', ['--backend', backend, '--wait', wait]);

  it(`carries ${5 * LINES_OF_EACH} lines of five clients to all others`, async () => {
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
  });

  it('delivers what ncat --broker delivers', async () => {
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
          // One after the other: the reference knows no lines, and would mix bytes of one with
          // those of another.
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
});
