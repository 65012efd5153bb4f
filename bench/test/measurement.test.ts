import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';
import { isMissing } from '../src/contestant.ts';
import { CONTESTANTS } from '../src/contestants.ts';
import { runLoad } from '../src/load-run.ts';
import { measureCase } from '../src/measurement.ts';
import { loadGenerator } from '../src/native-programs.ts';
import { builtServers } from '../src/place.ts';
import { SCENARIOS } from '../src/scenario.ts';
import { ServerProcess } from '../src/server-process.ts';

const generator = loadGenerator();
const able = 'path' in generator && existsSync(join(builtServers, 'node.js'));
const tiny = { warmup: 0.01, seconds: 5, limit: 200 };

test(
  'one tiny case: net and node:net echo every byte, and their cost is read',
  onlyIf(able, 'no load generator was built (install a C compiler, and build again)'),
  async () => {
    const entrants = CONTESTANTS.filter(({ id }) => id === 'net' || id === 'node').flatMap(
      (contestant) => {
        const ready = contestant.prepare();
        return isMissing(ready) ? [] : [{ contestant, ready }];
      },
    );
    expect(entrants).toHaveLength(2);
    const scenario = SCENARIOS.find(({ id }) => id === 'tcp-64x50');
    if (scenario === undefined) throw new Error('the case is gone');
    const { rows } = await measureCase(scenario, entrants, {
      rounds: 2,
      duration: tiny,
      firstWarmup: 0.05,
      mostIdle: 0,
      counter: undefined,
      progress: () => {},
    });
    expect(rows.map(({ contestant }) => contestant)).toEqual(['net', 'node']);
    for (const { samples, failure } of rows) {
      expect(failure).toBeUndefined();
      expect(samples).toHaveLength(2);
      for (const sample of samples) {
        expect(sample?.messages).toBeGreaterThanOrEqual(200);
        expect(sample?.cpuUs).toBeGreaterThan(0);
        expect(sample?.p50).toBeGreaterThan(0);
      }
    }
  },
);

/** A server that answers with `reply`, an expression of `chunk`. */
function liar(reply: string): string[] {
  const code = `require('net').createServer((s) => s.on('data', (chunk) => s.write(${reply})).on('error', () => {}))
    .listen(0, '127.0.0.1', function () { console.log('listening', this.address().port) })`;
  return [process.execPath, '-e', code];
}

test.each([
  [
    'a byte that is wrong',
    'Buffer.concat([chunk.subarray(0, -1), Buffer.from([chunk.at(-1) ^ 1])])',
  ],
  ['a byte too many', "Buffer.concat([chunk, Buffer.from('x')])"],
])(
  'the load generator refuses %s',
  onlyIf(able, 'no load generator was built (install a C compiler, and build again)'),
  async (_, reply) => {
    const server = await ServerProcess.start(liar(reply));
    try {
      const load = ['tcp-echo', '--connections', '2', '--size', '64'];
      await expect(runLoad(server, load, tiny)).rejects.toThrow('the echo is wrong');
    } finally {
      await server.stop();
    }
  },
);

/** A server that answers each question with what `code`, which has `send(i)`, sends. */
function burstLiar(code: string): string[] {
  const program = `const socket = require('dgram').createSocket('udp4');
    socket.on('message', (_, { port }) => {
      const send = (i) => socket.send(Buffer.alloc(1200, 'Z').fill(i, 0, 1), port);
      ${code}
    });
    socket.bind(0, '127.0.0.1', () => console.log('listening', socket.address().port));`;
  return [process.execPath, '-e', program];
}

test.each([
  ['a datagram that comes twice', 'send(0); send(0)', 'came twice'],
  ['a datagram that is none of the burst', 'send(50)', 'a datagram is wrong'],
])(
  'the load generator refuses %s',
  onlyIf(able, 'no load generator was built (install a C compiler, and build again)'),
  async (_, code, reason) => {
    const server = await ServerProcess.start(burstLiar(code));
    try {
      const load = ['udp-burst', '--connections', '1', '--size', '1200'];
      await expect(runLoad(server, load, tiny)).rejects.toThrow(reason);
    } finally {
      await server.stop();
    }
  },
);

test('a server that does not start says why', async () => {
  const command = [process.execPath, '-e', "throw new RangeError('no such port')"];
  await expect(ServerProcess.start(command)).rejects.toThrow('RangeError: no such port');
});
