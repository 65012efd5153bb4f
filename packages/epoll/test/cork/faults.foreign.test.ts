// Corked and exact servers side by side, in random conversations under faults that strace injects.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { needs } from '@evloop/testing';
import { expect, test } from 'vitest';

const strace = needs('strace');
const program = fileURLToPath(new URL('../programs/framed-echo.mjs', import.meta.url));

/** The servers: how they write, and what is injected so that they do. */
const SERVERS = [
  { name: 'exact', way: 'exact', faults: [] },
  { name: 'corked', way: 'corked', faults: [] },
  { name: 'corked, io_uring refused', way: 'corked', faults: ['io_uring_setup:error=EPERM'] },
];

/** What a client got from a server. */
interface Told {
  readonly bytes: number;
  readonly whole: boolean;
  readonly end: string;
}

interface Ended {
  readonly codes: readonly string[];
  readonly open: number;
  readonly cork?: { readonly corked: number };
}

/** A number from 0 to below `most`; the same sequence for the same seed (mulberry32). */
function generator(seed: number): (most: number) => number {
  let state = seed >>> 0;
  return (most) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % most;
  };
}

function message(size: number, next: (most: number) => number): Buffer {
  const bytes = Buffer.alloc(4 + size);
  for (let i = 4; i < bytes.length; i++) bytes[i] = next(256);
  bytes.writeUInt32LE(size);
  return bytes;
}

/** Runs one server under faults while `visit` talks to it. */
async function serve<T>(
  server: (typeof SERVERS)[number],
  args: readonly string[],
  faults: readonly string[],
  visit: (port: number) => Promise<T>,
): Promise<{ told: T; ended: Ended }> {
  const all = [...server.faults, ...faults];
  const calls = all.map((fault) => fault.split(':')[0]);
  const options = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${['exit', ...calls].join(',')}`];
  const injected = all.flatMap((fault) => ['-e', `inject=${fault}`]);
  const command = [process.execPath, program, server.way, ...args];
  const child = spawn('strace', [...options, ...injected, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const port = Number((await lines.next()).value);
  const told = await visit(port);
  const last = connect(port, '127.0.0.1', () => last.write(Buffer.alloc(4)));
  last.on('error', () => undefined);
  const ended = JSON.parse((await lines.next()).value) as Ended;
  await exited;
  return { told, ended };
}

/**
 * Sends messages, and reads until all have come back or the connection has ended.
 *
 * @param together how many messages are under way at a time.
 */
async function talk(port: number, messages: readonly Buffer[], together: number): Promise<Told> {
  const socket: Socket = connect(port, '127.0.0.1');
  const sent = Buffer.concat(messages);
  const parts: Buffer[] = [];
  let [size, sending, answered, expected] = [0, 0, 0, 0];
  const go = (): void => {
    while (sending < messages.length && sending - answered < together) {
      socket.write(messages[sending++] as Buffer);
    }
  };
  socket.on('connect', go);
  socket.on('data', (part: Buffer) => {
    parts.push(part);
    size += part.length;
    for (; answered < sending; answered++) {
      const next = expected + (messages[answered] as Buffer).length;
      if (size < next) break;
      expected = next;
    }
    if (size >= sent.length) socket.end();
    else go();
  });
  let end = 'ended';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end = error.code ?? 'unknown';
  });
  await once(socket, 'close');
  const got = Buffer.concat(parts);
  return { bytes: got.length, whole: got.equals(sent.subarray(0, got.length)), end };
}

/** A failure names it: `EVLOOP_SEED` repeats that conversation. */
function newSeed(): number {
  return Number(process.env['EVLOOP_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
}

/** Faults that no client may notice, each in every so many calls. */
function harmless(next: (most: number) => number): string[] {
  const calls = ['recvfrom:error=EINTR', 'recvfrom:error=EAGAIN', 'epoll_wait:error=EINTR'];
  const fault = calls[next(calls.length)] as string;
  const some = ['io_uring_enter:error=EAGAIN', 'io_uring_enter:error=EINTR', 'sendto:error=EINTR'];
  const other = some[next(some.length)] as string;
  return [fault, other].map((one) => `${one}:when=${2 + next(5)}+${2 + next(4)}`);
}

test.each([1, 2, 3])(
  'short writes and interrupted, refused or failing waits: each client gets its bytes from both (%i)',
  strace,
  async () => {
    const seed = newSeed();
    const next = generator(seed);
    const clients = Array.from({ length: 10 }, () => {
      const most = 1 + next(20_000);
      return Array.from({ length: 1 + next(20) }, () => message(1 + next(most), next));
    });
    const faults = harmless(next);
    const args = [['sync', 'async'][next(2)] as string, 'short'];
    const together = 1 + next(4);
    const outcomes = await Promise.all(
      SERVERS.map((server) =>
        serve(server, args, faults, (port) =>
          Promise.all(clients.map((messages) => talk(port, messages, together))),
        ),
      ),
    );
    const expected = clients.map((messages) => {
      return { bytes: Buffer.concat(messages).length, whole: true, end: 'ended' };
    });
    for (const [i, { told, ended }] of outcomes.entries()) {
      const { name, way } = SERVERS[i] as (typeof SERVERS)[number];
      expect(told, `${name}, ${faults}, seed ${seed}`).toEqual(expected);
      expect(ended.codes).toEqual([]);
      expect((ended.cork?.corked ?? 0) > 0).toBe(way === 'corked');
    }
  },
);

// One client after the other, and one message after the other: so the same `send` fails on all.
test.each(['EPIPE', 'ECONNRESET', 'ENOBUFS', 'EAGAIN', 'EINTR'])(
  'writes that fail with %s: each client gets the same bytes and the same end from both',
  strace,
  async (error) => {
    const seed = newSeed();
    const next = generator(seed);
    const clients = Array.from({ length: 12 }, () => {
      return Array.from({ length: 1 + next(6) }, () => message(1 + next(3000), next));
    });
    const faults = [`sendto:error=${error}:when=${1 + next(4)}+${3 + next(5)}`];
    const args = [['sync', 'async'][next(2)] as string];
    const outcomes = await Promise.all(
      SERVERS.map((server) =>
        serve(server, args, faults, async (port) => {
          const told: Told[] = [];
          for (const messages of clients) told.push(await talk(port, messages, 1));
          return told;
        }),
      ),
    );
    const [exact, ...corked] = outcomes;
    for (const { told, ended } of corked) {
      expect(told, `${faults}, seed ${seed}`).toEqual(exact?.told);
      expect(ended.codes).toEqual(exact?.ended.codes);
      expect(ended.cork?.corked).toBeGreaterThan(0);
    }
    const harmless = error === 'EAGAIN' || error === 'EINTR';
    expect(exact?.told.every(({ whole }) => whole)).toBe(true);
    if (harmless) expect(exact?.ended.codes).toEqual([]);
    else expect(new Set(exact?.ended.codes)).toEqual(new Set([error]));
  },
);
