import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { DatagramBatch, type UdpSocket, WouldBlock } from '@evloop/core';
import { UdpSocket as EpollSocket, Events, Interest, Poll, Token } from '@evloop/epoll';
import { onlyIf } from '@evloop/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { built, Program } from './program.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function open(address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, address);
  cleanups.push(() => socket.close());
  await once(socket, 'listening');
  return socket;
}

async function startRelay(server: string, at = '127.0.0.1'): Promise<Program & { port: number }> {
  const program = new Program(process.execPath, [built('udp_relay'), `${at}:0`, server]);
  const [, port] = await program.printed(/listens on \S+:(\d+)\n/);
  return Object.assign(program, { port: Number(port) });
}

/** The next datagram of a socket. */
async function next(socket: Socket): Promise<{ text: string; from: RemoteInfo }> {
  const [message, from] = (await once(socket, 'message')) as [Buffer, RemoteInfo];
  return { text: String(message), from };
}

/** A poll that waits until `socket` has something for `receive`. */
async function until<T>(socket: UdpSocket, receive: () => T | WouldBlock): Promise<T> {
  const poll = new Poll();
  poll.registry.register(socket, Token(0), Interest.READABLE);
  const events = new Events(1);
  try {
    for (;;) {
      const result = receive();
      if (result !== WouldBlock) return result as T;
      await poll.poll(events);
    }
  } finally {
    poll.close();
  }
}

describe('udp_relay on epoll', onlyIf(process.platform === 'linux', 'epoll is Linux only'), () => {
  it('gives each client its own socket to the server, and its answers back', async () => {
    const server = await open();
    server.on('message', (message, { port }) => server.send(`${message} to ${port}`, port));
    const relay = await startRelay(`127.0.0.1:${server.address().port}`);
    const clients = await Promise.all([1, 2, 3].map(() => open()));
    const ports = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const answers = clients.map(next);
      for (const [i, client] of clients.entries()) client.send(`${i}`, relay.port);
      for (const [i, { text, from }] of (await Promise.all(answers)).entries()) {
        const [question, , port = ''] = text.split(' ');
        expect([question, from.port]).toEqual([`${i}`, relay.port]);
        ports.add(`${i}: ${port}`);
      }
    }
    expect(ports.size).toBe(3);
    expect(await relay.stop()).toBe(0);
    expect(relay.stderr).toBe('');
  });

  it('answers each client from the address that it asked, on a wildcard address', async () => {
    const server = await open();
    server.on('message', (message, { port }) => server.send(message, port));
    const relay = await startRelay(`127.0.0.1:${server.address().port}`, '0.0.0.0');
    for (const asked of ['127.0.0.2', '127.0.0.3']) {
      const client = await open();
      const answer = next(client);
      client.send('hello', relay.port, asked);
      expect((await answer).from.address).toBe(asked);
    }
    expect(await relay.stop('SIGINT')).toBe(0);
  });

  it('keeps the borders and the ECN of datagrams both ways', async () => {
    const server = EpollSocket.bind('127.0.0.1:0', { socket: { recvTos: true } });
    const client = EpollSocket.bind('127.0.0.1:0', { socket: { recvTos: true } });
    cleanups.push(
      () => server.close(),
      () => client.close(),
    );
    const relay = await startRelay(`127.0.0.1:${server.localAddr().port}`);
    const run = new DatagramBatch({ capacity: 1, slotSize: 12_000 });
    const bytes = new Uint8Array(11_000).map((_, i) => i % 251);
    const buffer = new Uint8Array(2000);
    /** The ten datagrams of the run, one by one, and where they come from. */
    const received = async (socket: UdpSocket) => {
      const seen: unknown[] = [];
      const whole: number[] = [];
      let from = '';
      while (whole.length < bytes.length) {
        const { size, address, info } = await until(socket, () => socket.recvFrom(buffer));
        seen.push([size, info?.tos]);
        whole.push(...buffer.subarray(0, size));
        from = `${address.address}:${address.port}`;
      }
      expect(Uint8Array.from(whole)).toEqual(bytes);
      return { seen, from };
    };
    const cut = (tos: number) => [...Array(9).fill([1200, tos]), [200, tos]];

    run.push(bytes, `127.0.0.1:${relay.port}`, 1200);
    run.setControl(0, { tos: 3 });
    expect(client.sendBatch(run)).toBe(1);
    const there = await received(server);
    expect(there.seen).toEqual(cut(3));

    run.clear();
    run.push(bytes, there.from, 1200);
    run.setControl(0, { tos: 2 });
    expect(server.sendBatch(run)).toBe(1);
    const back = await received(client);
    expect([back.seen, back.from]).toEqual([cut(2), `127.0.0.1:${relay.port}`]);
    expect(await relay.stop()).toBe(0);
  });

  it('goes on when the server is away for a while, and says so', async () => {
    const server = await open();
    const { port } = server.address();
    const relay = await startRelay(`127.0.0.1:${port}`);
    const client = await open();
    const first = next(server);
    client.send('first', relay.port);
    await first;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    cleanups.shift();
    client.send('refused', relay.port);
    await relay.printed(/ECONNREFUSED/, 'stderr');
    const again = createSocket('udp4').bind(port, '127.0.0.1');
    cleanups.push(() => again.close());
    await once(again, 'listening');
    const heard = next(again);
    client.send('again', relay.port);
    expect((await heard).text).toBe('again');
    expect(await relay.stop()).toBe(0);
  });

  it('forgets the oldest of more clients than it serves, and closes its socket', async () => {
    const server = await open();
    server.on('message', (message, { port }) => server.send(message, port));
    const relay = await startRelay(`127.0.0.1:${server.address().port}`);
    const descriptors = (): number => readdirSync(`/proc/${relay.child.pid}/fd`).length;
    const before = descriptors();
    for (let i = 0; i < 600; i++) {
      const client = createSocket('udp4');
      const answer = next(client);
      client.send(`${i}`, relay.port, '127.0.0.1');
      expect((await answer).text).toBe(`${i}`);
      client.close();
    }
    expect(descriptors()).toBe(before + 512);
    expect(await relay.stop()).toBe(0);
  });
});
