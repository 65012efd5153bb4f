import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Backend,
  Events,
  Interest,
  type SocketOptionName,
  type SocketOptions,
  type TcpStream,
  Token,
  WouldBlock,
} from '@evloop/core';
import { SOCKET_OPTION_FORMS } from '@evloop/core/backend';
import * as net from '@evloop/net';
import { needsNative, onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';

const linux = process.platform === 'linux';
const NAMES = Object.keys(SOCKET_OPTION_FORMS) as SocketOptionName[];

/** What the kernel says of the socket of this process with this port. */
async function kernelOf(
  kind: 'TcpStream' | 'TcpListener',
  port: number,
): Promise<(name: SocketOptionName) => unknown> {
  const epoll = await import('@evloop/epoll');
  const found = readdirSync('/proc/self/fd')
    .map(Number)
    .find((fd) => isThat(fd));
  expect(found).toBeDefined();
  return (name) => {
    const socket = epoll[kind].fromFd(found as number);
    try {
      return socket.socketOption(name);
    } finally {
      socket.intoFd();
    }
  };

  function isThat(fd: number): boolean {
    try {
      const socket = epoll[kind].fromFd(fd);
      const same = socket.localAddr().port === port;
      socket.intoFd();
      return same;
    } catch {
      return false;
    }
  }
}

/** A connection, both ends on net. */
async function connection(
  options: SocketOptions,
): Promise<{ listener: net.TcpListener; client: net.TcpStream; server: TcpStream; end(): void }> {
  const poll = new net.Poll();
  const events = new Events(8);
  const listener = await net.TcpListener.bind('127.0.0.1:0', { socket: options });
  const client = net.TcpStream.connect(listener.localAddr(), { socket: options });
  poll.registry.register(listener, Token(0), Interest.READABLE);
  poll.registry.register(client, Token(1), Interest.WRITABLE);
  let server: TcpStream | WouldBlock = WouldBlock;
  while (server === WouldBlock || client.finishConnect() === WouldBlock) {
    await poll.poll(events);
    if (server === WouldBlock) server = listener.accept();
  }
  const end = (): void => {
    for (const each of [client, server, listener, poll]) each.close();
  };
  return { listener, client, server, end };
}

// Only closing shows it: the suite does.
const shown = net.supports.tcpStreamOptions.filter((name) => name !== 'linger');
const first: SocketOptions = {
  nodelay: true,
  keepAlive: true,
  keepIdle: 29_500,
  keepInterval: 5000,
  keepCount: 4,
  tos: 0x10,
};
const second = { ...first, keepIdle: 60_000, keepInterval: 7000, keepCount: 5, tos: 0x20 };

test(`what net sets, early or late, is what the kernel has`, needsNative, async () => {
  const pick = (options: SocketOptions): SocketOptions =>
    Object.fromEntries(shown.map((name) => [name, options[name]]));
  const { listener, client, server, end } = await connection(pick(first));
  const kernels = [
    await kernelOf('TcpStream', client.localAddr().port),
    // An accepted socket has its listener's port; so it is told apart by its kind alone.
    await kernelOf('TcpStream', listener.localAddr().port),
  ];
  for (const [i, stream] of [client, server].entries()) {
    for (const name of shown) {
      const kept = name === 'keepIdle' ? 30_000 : first[name];
      expect([name, stream.socketOption(name), kernels[i]?.(name)]).toEqual([name, kept, kept]);
    }
    for (const name of shown) {
      const value = second[name as keyof typeof second];
      stream.setSocketOption(name, value as never);
      expect([name, stream.socketOption(name), kernels[i]?.(name)]).toEqual([name, value, value]);
    }
    stream.setSocketOption('nodelay', false);
    stream.setSocketOption('keepAlive', false);
    for (const name of ['nodelay', 'keepAlive'] as const) expect(kernels[i]?.(name)).toBe(false);
  }
  end();
});

test(`what net takes when it listens is what the kernel has`, needsNative, async () => {
  for (const name of ['ipv6Only', 'reusePort'] as const) {
    if (!net.supports.tcpListenerOptions.includes(name)) continue;
    for (const value of [true, false]) {
      const listener = await net.TcpListener.bind('[::]:0', { socket: { [name]: value } });
      const kernel = await kernelOf('TcpListener', listener.localAddr().port);
      expect([name, listener.socketOption(name), kernel(name)]).toEqual([name, value, value]);
      listener.close();
    }
  }
});

test(`without an option of its own net leaves the system’s`, needsNative, async () => {
  const { client, end } = await connection({});
  const kernel = await kernelOf('TcpStream', client.localAddr().port);
  for (const name of shown) expect([name, client.socketOption(name)]).toEqual([name, kernel(name)]);
  client.setSocketOption('keepAlive', true);
  for (const name of shown) expect([name, client.socketOption(name)]).toEqual([name, kernel(name)]);
  end();
});

const backends: Backend[] = linux ? [net, await import('@evloop/epoll')] : [net];
for (const backend of backends) {
  const { supports } = backend;
  test(
    `the options of Unix sockets on ${backend.name}`,
    onlyIf(supports.unixStreams, 'supports.unixStreams is false'),
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'evloop-options-'));
      const listener = await backend.UnixListener.bind(join(folder, 'socket'));
      const client = backend.UnixStream.connect(join(folder, 'socket'));
      for (const socket of [listener, client]) {
        for (const name of NAMES) {
          if (supports.unixOptions.includes(name)) {
            expect(socket.socketOption(name)).toBeTypeOf('number');
          } else {
            const unsupported = expect.objectContaining({ code: 'EVLOOP_UNSUPPORTED' });
            expect(() => socket.socketOption(name), name).toThrow(unsupported);
            expect(() => socket.setSocketOption(name, true as never), name).toThrow(unsupported);
          }
        }
      }
      if (supports.unixOptions.includes('sendBufferSize')) {
        client.setSocketOption('sendBufferSize', 50_000);
        expect(client.socketOption('sendBufferSize')).toBeGreaterThanOrEqual(50_000);
      }
      client.close();
      listener.close();
      rmSync(folder, { recursive: true });
    },
  );
}
