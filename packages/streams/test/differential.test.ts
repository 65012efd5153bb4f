// Random scripts on a pair of net.Socket and on pairs of EvloopSocket: the same events, in the same
// order.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connectSocket, type EvloopSocket, toDuplex } from '../src/index.ts';
import { accepted, listen, runningLoop, systemWays } from './fixture.ts';

type Either = Socket | EvloopSocket;
type Step = readonly [side: 0 | 1, action: Action];

const ACTIONS = {
  write: (socket: Either) => void socket.write('x'.repeat(1000)),
  writeMuch: (socket: Either) => void socket.write(Buffer.alloc(300_000)),
  end: (socket: Either) => void socket.end(),
  endWith: (socket: Either) => void socket.end('last'),
  destroy: (socket: Either) => void socket.destroy(),
  fail: (socket: Either) => void socket.destroy(Object.assign(new Error('mine'), { code: 'MINE' })),
  pause: (socket: Either) => void socket.pause(),
  resume: (socket: Either) => void socket.resume(),
  reset: (socket: Either) => void socket.resetAndDestroy(),
  destroySoon: (socket: Either) => socket.destroySoon(),
  timeout: (socket: Either) => void socket.setTimeout(1),
} as const;
type Action = keyof typeof ACTIONS;
const NAMES = Object.keys(ACTIONS) as Action[];

const SCRIPTS = 1000;
/** How often a script is run again, more slowly each time, before a difference counts. */
const ATTEMPTS = 4;

/**
 * What is left out of the comparison, with the reason:
 *
 * - The error of a write that meets a reset. The kernel gives it to the call that comes first, a
 *   read or a write, so the code is `ECONNRESET` or `EPIPE`.
 * - On `@evloop/net`, scripts that write to a peer that has closed, with `allowHalfOpen`. That
 *   backend takes a write before the kernel has seen it. The error comes with a later write, or
 *   never.
 * - What follows a timeout of 1 ms: the two clocks differ. Only whether there was one is compared.
 */
function comparable(event: string): string {
  return event.replace(/EPIPE|ECONNRESET/, 'broken');
}

/** Whether one side writes after the other has closed. A write after its own end closes a side. */
function writesToClosed(script: readonly Step[]): boolean {
  const ended = [false, false];
  const closed = [false, false];
  return script.some(([side, action]) => {
    const writes = /^(?:write|writeMuch|endWith)$/.test(action);
    if (/^(?:destroy|fail|reset|destroySoon)$/.test(action)) closed[side] = true;
    if (writes && ended[side]) closed[side] = true;
    if (/^end/.test(action)) ended[side] = true;
    return writes && closed[1 - side];
  });
}

/** A generator of whole numbers that a seed repeats (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

function record(socket: Either): () => string {
  const events: string[] = [];
  let bytes = 0;
  let timeouts = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  socket.on('timeout', () => {
    timeouts = 1;
  });
  for (const name of ['end', 'finish', 'error', 'close']) {
    socket.on(name, (argument: unknown) => {
      const { code } = (argument ?? {}) as { code?: string };
      const detail = name === 'close' ? String(argument) : (code ?? '');
      events.push(comparable(`${name} ${detail}`.trim()));
    });
  }
  return () => [...events, `${bytes} bytes`, `${timeouts} timeouts`, socket.destroyed].join(', ');
}

/** Lets everything happen that is under way. */
async function settle(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  for (let i = 0; i < 6; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function run(
  pair: readonly [Either, Either],
  script: readonly Step[],
  ms: number,
): Promise<string> {
  const results = pair.map(record);
  for (const [side, action] of script) {
    ACTIONS[action](pair[side]);
    await settle(ms);
  }
  await settle(ms);
  const result = results.map((each) => each()).join(' | ');
  for (const socket of pair) socket.destroy();
  return result;
}

describe.each(systemWays)('EvloopSocket on $name', (way) => {
  test(`behaves as net.Socket in ${SCRIPTS} random scripts`, async () => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const node = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(node, 'listening');
    const nodePort = (node.address() as { port: number }).port;
    const { port } = listener.localAddr();

    const nodePair = async (allowHalfOpen: boolean): Promise<[Socket, Socket]> => {
      const a = connect({ port: nodePort, host: '127.0.0.1', allowHalfOpen });
      const [[b]] = (await Promise.all([once(node, 'connection'), once(a, 'connect')])) as [
        [Socket],
        unknown,
      ];
      b.allowHalfOpen = allowHalfOpen;
      return [a, b];
    };
    const evloopPair = async (allowHalfOpen: boolean): Promise<[EvloopSocket, EvloopSocket]> => {
      const stream = accepted(loop, listener);
      const a = connectSocket(loop, { host: '127.0.0.1', port }, { allowHalfOpen });
      const [b] = await Promise.all([stream, once(a, 'connect')]);
      return [a, toDuplex(b, loop, { allowHalfOpen })];
    };

    const differences: unknown[] = [];
    for (let seed = 1; seed <= SCRIPTS; seed++) {
      const random = randomOf(seed);
      const allowHalfOpen = random(2) === 0;
      const length = 1 + random(6);
      const script = Array.from({ length }, (): Step => {
        return [random(2) as 0 | 1, NAMES[random(NAMES.length)] as Action];
      });
      if (way.name === 'net' && allowHalfOpen && writesToClosed(script)) continue;
      let expected = '';
      let actual = '';
      for (let i = 0; i < ATTEMPTS; i++) {
        const ms = 2 * 5 ** i;
        expected = await run(await nodePair(allowHalfOpen), script, ms);
        actual = await run(await evloopPair(allowHalfOpen), script, ms);
        if (expected === actual) break;
      }
      if (expected !== actual) differences.push({ seed, allowHalfOpen, script, expected, actual });
    }
    node.close();
    expect(differences).toEqual([]);
  });
});
