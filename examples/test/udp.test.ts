import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { onlyIf } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { built, corkedWays, Program, startServer } from './program.ts';

/** Sends one datagram, and resolves to the answer. */
async function echoed(family: 'udp4' | 'udp6', port: number, data: Buffer): Promise<Buffer> {
  const socket = createSocket(family);
  const answer = once(socket, 'message');
  socket.send(data, port, family === 'udp4' ? '127.0.0.1' : '::1');
  const [message] = (await answer) as [Buffer];
  socket.close();
  return message;
}

describe.each(corkedWays)('udp_server on $name', ({ backend, way }) => {
  const args = way;

  it.each([
    ['udp4', []],
    ['udp6', ['--host', '::1']],
  ] as const)(
    'echoes datagrams of every size, the empty one too, over %s',
    async (family, host) => {
      const server = await startServer('udp_server', [...args, ...host]);
      for (const size of [0, 1, 1200, 65_507]) {
        const data = Buffer.alloc(size, size % 251);
        expect((await echoed(family, server.port, data)).equals(data)).toBe(true);
      }
      expect(await server.stop()).toBe(0);
      expect(server.stdout).toMatch(/^4 datagrams echoed; 0 not sent .* 0 refused; 0 lost/m);
    },
  );

  it(
    'answers from the address that was asked, on wildcard addresses',
    onlyIf(backend !== 'net', 'net cannot choose the address that it sends from'),
    async () => {
      for (const [host, type, asked] of [
        ['0.0.0.0', 'udp4', '127.0.0.2'],
        ['::', 'udp4', '127.0.0.3'],
        ['::', 'udp6', '::1'],
      ] as const) {
        const server = await startServer('udp_server', [...args, '--host', host]);
        const socket = createSocket(type);
        const answer = once(socket, 'message');
        // A connected socket drops what comes from another address: RFC 1122 4.1.3.5.
        socket.connect(server.port, asked, () => socket.send('hello'));
        const [message, sender] = (await answer) as [Buffer, { address: string }];
        expect([String(message), sender.address]).toEqual(['hello', asked]);
        socket.close();
        expect(await server.stop()).toBe(0);
      }
    },
  );

  it('says in one line that the port is in use, and exits with 1', async () => {
    const other = createSocket('udp4').bind(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address();
    const program = new Program(process.execPath, [
      built('udp_server'),
      '--port',
      `${port}`,
      ...args,
    ]);
    expect(await program.ended).toBe(1);
    other.close();
    expect(program.stderr).toBe(
      `udp_server: cannot bind to 127.0.0.1:${port}: address already in use (EADDRINUSE)\n`,
    );
  });
});
