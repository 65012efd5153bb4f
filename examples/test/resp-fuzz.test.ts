// Damaged messages of the Redis protocol: no server crashes, and none grows. EVLOOP_MESSAGES sets
// their number for each server, EVLOOP_SEED repeats a run.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { mutated, Random } from './mutations.ts';
import { connected, startServer, ways } from './program.ts';
import { CONVERSATION, command } from './resp-conversation.ts';

const MESSAGES = Number(process.env['EVLOOP_MESSAGES'] ?? 20_000);
const MESSAGES_PER_CONNECTION = 50;
const seed = Number(process.env['EVLOOP_SEED'] ?? randomInt(2 ** 31));

// What ends a connection in order is not in the corpus: it would hide what comes after it.
const corpus = CONVERSATION.map(([request]) => Buffer.from(request, 'latin1')).filter(
  (request) => request.length > 0 && !request.includes('QUIT'),
);
corpus.push(Buffer.from(command('HELLO', '3')), Buffer.from(command('INFO')));

describe.each(ways)('resp_server on %s, %s', (backend, wait) => {
  it(`survives ${MESSAGES} damaged messages, and does not grow (seed ${seed})`, async () => {
    const random = new Random(seed);
    const limits = ['--memory', '8', '--max-command', '65536', '--quiet'];
    const server = await startServer('resp_server', [
      '--backend',
      backend,
      '--wait',
      wait,
      ...limits,
    ]);
    let warm = 0;
    for (let sent = 0; sent < MESSAGES; sent += MESSAGES_PER_CONNECTION) {
      const socket = await connected(server.port);
      const messages = Array.from({ length: MESSAGES_PER_CONNECTION }, () =>
        mutated(corpus, random),
      );
      const closed = once(socket, 'close');
      socket.resume().end(Buffer.concat(messages));
      await closed;
      if (warm === 0 && sent >= MESSAGES / 2) warm = server.memory();
    }
    // The keys may take 8 MiB, and a garbage collector is not in a hurry.
    expect(server.memory() - warm).toBeLessThan(32);
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe('');
  });
});
