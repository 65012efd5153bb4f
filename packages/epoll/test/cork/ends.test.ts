// What arrives of the bytes that a process had written when it ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const file = fileURLToPath(new URL('../programs/ends-with-written.mjs', import.meta.url));
const CLIENTS = 5;

/** Runs the program. @returns what each client received, and how many writes were held. */
async function run(way: string, how: string, wait: string, ring: string) {
  const child = spawn(process.execPath, [file, way, how, wait], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', EVLOOP_IO_URING: ring },
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const stderr = text(child.stderr);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const port = Number((await lines.next()).value);
  const received = await Promise.all(Array.from({ length: CLIENTS }, () => ask(port)));
  const held = Number((await lines.next()).value);
  const [code, signal] = await ended;
  return { received, held, code, signal, stderr: await stderr };
}

/** A client that asks once it was greeted, and reads until the connection ends. */
function ask(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let got = '';
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => {
    if (got === '') socket.write('go');
    got += part;
  });
  return new Promise((resolve) => {
    socket.on('error', () => undefined); // A reset may follow the bytes.
    socket.on('close', () => resolve(got));
  });
}

const ways = [
  ['exact', 'auto', 0],
  ['corked', 'auto', 2 * CLIENTS],
  ['corked', 'off', 2 * CLIENTS],
] as const;

describe.each(ways)('%s writes, with io_uring %s', (way, ring, held) => {
  describe.each(['sync', 'async'])('%s', (wait) => {
    test.each([
      ['exit', 'process.exit', 0],
      ['throw', 'an uncaught exception', 1],
      ['reject', 'an unhandled rejection', 1],
      ['terminate', 'the termination of its worker', 0],
    ])('all bytes that were written before %s (%s) arrive', async (how, _, code) => {
      const outcome = await run(way, how, wait, ring);
      expect(outcome.received, outcome.stderr).toEqual(Array(CLIENTS).fill('hello;one;two;'));
      expect([outcome.code, outcome.held]).toEqual([code, held]);
    });

    test('all bytes that were written before the last wait arrive if the process is killed', async () => {
      const outcome = await run(way, 'kill', wait, ring);
      const promised = way === 'exact' ? /^hello;one;two;$/ : /^hello;one;/;
      for (const got of outcome.received) expect(got).toMatch(promised);
      expect([outcome.signal, outcome.held]).toEqual(['SIGKILL', held]);
    });
  });
});
