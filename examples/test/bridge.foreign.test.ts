import { once } from 'node:events';
import type { Socket } from 'node:net';
import { needs } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { connected, freePort, Program, startServer, ways } from './program.ts';

/** Starts a NATS broker, and resolves when it listens. */
async function startBroker(port: number): Promise<Program> {
  const broker = new Program('nats-server', ['-a', '127.0.0.1', '-p', String(port)]);
  await broker.printed(/Server is ready/, 'stderr');
  return broker;
}

/** What a client hears from now on. */
function collect(socket: Socket): () => string {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

async function until(socket: Socket, condition: () => boolean): Promise<void> {
  while (!condition()) await once(socket, 'data');
}

describe.each(ways)(
  'broadcast_server --bridge on %s, %s',
  needs('nats-server'),
  (backend, wait) => {
    it('joins the rooms of two servers, also after the broker was away', async () => {
      const port = await freePort();
      const args = ['--backend', backend, '--wait', wait, '--bridge', `nats://127.0.0.1:${port}`];
      // They start before the broker does.
      const servers = [
        await startServer('broadcast_server', args),
        await startServer('broadcast_server', args),
      ] as const;
      let broker = await startBroker(port);
      for (const server of servers) await server.printed(/bridge connected\n/);
      const [a, b] = [await connected(servers[0].port), await connected(servers[1].port)];
      const neighbour = await connected(servers[0].port);
      for (const server of servers) await server.printed(/Accepted/);
      await servers[0].printed(/(Accepted[\s\S]*){2}/);
      const [heardA, heardB, heardNeighbour] = [collect(a), collect(b), collect(neighbour)];
      a.write('one\n');
      await until(b, () => heardB() === 'one\n');
      b.write('two\n');
      await until(a, () => heardA() === 'two\n');

      await broker.stop();
      for (const server of servers) await server.printed(/bridge disconnected\n/);
      a.write('alone\n');
      await until(neighbour, () => heardNeighbour().endsWith('alone\n'));
      broker = await startBroker(port);
      for (const server of servers) await server.printed(/bridge reconnected\n/);
      a.write('three\n');
      await until(b, () => heardB().endsWith('three\n'));
      expect(heardB()).toBe('one\nthree\n');
      // The sender hears nothing of its own.
      expect(heardA()).toBe('two\n');
      for (const socket of [a, b, neighbour]) socket.destroy();
      for (const server of servers) expect(await server.stop()).toBe(0);
      await broker.stop();
    });
  },
);
