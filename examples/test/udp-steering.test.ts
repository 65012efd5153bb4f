import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { onlyIf } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { startServer } from './program.ts';

async function ask(socket: Socket, port: number, first: number): Promise<string> {
  const answer = once(socket, 'message');
  socket.send(Uint8Array.of(first, 1, 2, 3), port, '127.0.0.1');
  const [message] = (await answer) as [Buffer];
  return String(message);
}

describe(
  'udp_steering on epoll',
  onlyIf(process.platform === 'linux', 'epoll is Linux only'),
  () => {
    it('gives each datagram to the thread that its first byte names, of whatever client', async () => {
      const server = await startServer('udp_steering', ['--workers', '3']);
      expect(server.stdout).toContain('with 3 threads');
      for (let i = 0; i < 3; i++) {
        const client = createSocket('udp4');
        for (const first of [0, 1, 2, 3, 4, 200, 255]) {
          expect(await ask(client, server.port, first)).toBe(`thread ${first % 3}\n`);
        }
        client.close();
      }
      expect(await server.stop()).toBe(0);
      expect(server.stderr).toBe('');
    });

    it('answers an empty datagram too, which names no thread', async () => {
      const server = await startServer('udp_steering', ['--workers', '2']);
      const client = createSocket('udp4');
      const answer = once(client, 'message');
      client.send('', server.port, '127.0.0.1');
      expect(String((await answer)[0])).toMatch(/^thread [01]\n$/);
      client.close();
      expect(await server.stop('SIGINT')).toBe(0);
    });
  },
);
