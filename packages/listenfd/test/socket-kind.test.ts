import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onlyIf } from '@evloop/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { socketKind } from '../src/index.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

// Node shows no descriptor of a socket elsewhere.
const fdOf = (socket: object) => (socket as { _handle: { fd: number } })._handle.fd;

async function listening(
  where: { port: number; host: string } | { path: string },
): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).listen(where);
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return server;
}

async function connected(server: Server): Promise<Socket> {
  const address = server.address();
  const to = typeof address === 'string' ? { path: address } : address;
  const socket = connect({ ...to, allowHalfOpen: true } as NetConnectOpts);
  await once(socket, 'connect');
  cleanups.push(() => socket.destroy());
  return socket;
}

function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  return join(folder, 's');
}

describe('socketKind', onlyIf(process.platform === 'linux', 'it needs Linux'), () => {
  it.each(['127.0.0.1', '::1'])('knows TCP on %s', async (host) => {
    const family = host === '::1' ? 'IPv6' : 'IPv4';
    const server = await listening({ port: 0, host });
    expect(socketKind(fdOf(server))).toEqual({ family, type: 'stream', listening: true });
    const { port } = server.address() as { port: number };
    const socket = connect({ port, host });
    await once(socket, 'connect');
    expect(socketKind(fdOf(socket))).toEqual({ family, type: 'stream', listening: false });
    socket.destroy();
  });

  it('knows Unix sockets', async () => {
    const server = await listening({ path: socketPath() });
    expect(socketKind(fdOf(server))).toEqual({ family: 'Unix', type: 'stream', listening: true });
    const socket = await connected(server);
    expect(socketKind(fdOf(socket))).toEqual({ family: 'Unix', type: 'stream', listening: false });
  });

  it('does not know what is no socket', () => {
    const fd = openSync('/dev/null', 'r');
    expect(socketKind(fd)).toBeUndefined();
    closeSync(fd);
  });

  it('says so when it is closed', () => {
    expect(() => socketKind(99_999)).toThrow(/EBADF/);
  });
});
