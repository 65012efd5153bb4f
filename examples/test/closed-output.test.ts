import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { onlyIf } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { connected, type Program, startServer, ways } from './program.ts';

const GREETING = 'Hello world!\n';

/**
 * Whoever has read what the program printed goes, when all that it prints as it starts has come.
 */
async function stopReading(program: Program): Promise<void> {
  await program.printed(/\n {2}\S[^\n]*\n$/);
  program.child.stdout.destroy();
}

/** What a program says when nobody reads its standard output any more. */
const farewell = (name: string): string =>
  `${name}: cannot write to standard output: broken pipe (EPIPE); going on without it\n`;

/** Resolves when the socket has received so much, which is to be just this. */
async function hears(socket: Socket, expected: string): Promise<void> {
  const heard = await new Promise<string>((resolve) => {
    let text = '';
    const listen = (chunk: Buffer): void => {
      text += chunk;
      if (text.length < expected.length) return;
      socket.off('data', listen);
      resolve(text);
    };
    socket.on('data', listen);
  });
  expect(heard).toBe(expected);
}

describe.each(ways)('when nobody reads its output any more, on %s, %s,', (backend, wait) => {
  const args = ['--backend', backend, '--wait', wait];

  it('tcp_server goes on', async () => {
    const server = await startServer('tcp_server', args);
    await stopReading(server);
    for (const line of ['the first that is printed\n', 'another one\n']) {
      const client = await connected(server.port);
      client.write(line);
      await hears(client, GREETING + line);
      client.destroy();
      await server.printed(/going on without it\n/, 'stderr');
    }
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe(farewell('tcp_server'));
  });

  it('broadcast_server goes on', async () => {
    const server = await startServer('broadcast_server', args);
    await stopReading(server);
    const listener = await connected(server.port);
    // Who has come later is accepted later: so the listener is there when the others speak.
    for (const line of ['hello\n', 'hello again\n']) {
      const speaker = await connected(server.port);
      speaker.write(line);
      await hears(listener, line);
      speaker.destroy();
      await server.printed(/going on without it\n/, 'stderr');
    }
    listener.destroy();
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe(farewell('broadcast_server'));
  });

  it('udp_server goes on, and ends as ever', async () => {
    const server = await startServer('udp_server', args);
    await stopReading(server);
    const socket = createSocket('udp4');
    const answer = once(socket, 'message');
    socket.send('hello', server.port, '127.0.0.1');
    expect(String((await answer)[0])).toBe('hello');
    socket.close();
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe(farewell('udp_server'));
  });
});

describe(
  'when nobody reads its output any more,',
  onlyIf(process.platform === 'linux', 'epoll is Linux only'),
  () => {
    it('supervisor goes on, and so do its servers', async () => {
      const supervisor = await startServer('supervisor', []);
      await supervisor.printed(/server 1 is ready .*\n/);
      supervisor.child.stdout.destroy();
      supervisor.child.kill('SIGHUP');
      await supervisor.printed(/supervisor: [\s\S]*going on without it\n/, 'stderr');
      const client = await connected(supervisor.port);
      client.write('hello\n');
      await hears(client, `${GREETING}hello\n`);
      client.destroy();
      expect(await supervisor.stop()).toBe(0);
      const said = new Set(supervisor.stderr.match(/.*\n/g));
      expect(said).toEqual(new Set([farewell('supervisor'), farewell('tcp_listenfd_server')]));
    });

    it('multi_core_server goes on', async () => {
      const server = await startServer('multi_core_server', ['--workers', '2']);
      server.child.stdout.destroy();
      for (const line of ['hello\n', 'hello again\n']) {
        const client = await connected(server.port);
        client.write(line);
        await hears(client, GREETING + line);
        client.destroy();
        await server.printed(/going on without it\n/, 'stderr');
      }
      expect(await server.stop()).toBe(0);
      expect(server.stderr).toBe(farewell('multi_core_server'));
    });
  },
);
