// The same scripts on the kernel and on an ideal link: a program sees the same results.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Backend,
  Events,
  Interest,
  type Poll,
  type TcpListener,
  type TcpStream,
  Token,
  WouldBlock,
} from '@evloop/core';
import { needsNative } from '@evloop/testing';
import { afterAll, describe, test } from 'vitest';
import * as sim from '../src/index.ts';
import { inside } from './inside.ts';

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));
const RW = Interest.READABLE | Interest.WRITABLE;

/** What an operation has given: a number, `'would block'`, or an error's code and system call. */
function outcome(run: () => unknown): unknown {
  try {
    const result = run();
    return result === WouldBlock ? 'would block' : result;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    return `${code} ${syscall}`;
  }
}

/** Two ends of a connection, and the poll that both are registered with. */
interface Pair {
  readonly poll: Poll;
  readonly events: Events;
  readonly client: TcpStream;
  readonly server: TcpStream;
}

async function listen(backend: Backend): Promise<TcpListener> {
  return await backend.TcpListener.bind('127.0.0.1:0');
}

async function pair(backend: Backend): Promise<Pair> {
  const poll = new backend.Poll();
  const events = new Events(8);
  const listener = await listen(backend);
  const client = backend.TcpStream.connect(listener.localAddr());
  poll.registry.register(listener, Token(0), Interest.READABLE);
  poll.registry.register(client, Token(1), RW);
  let server = listener.accept();
  for (; server === WouldBlock; server = listener.accept()) await poll.poll(events);
  poll.registry.register(server, Token(2), RW);
  while (client.finishConnect() === WouldBlock) await poll.poll(events);
  listener.close();
  return { poll, events, client, server };
}

/** Polls until `look` gives something else than `'would block'`. */
async function seen({ poll, events }: Pick<Pair, 'poll' | 'events'>, look: () => unknown) {
  for (let found = outcome(look); ; found = outcome(look)) {
    if (found !== 'would block') return found;
    await poll.poll(events);
  }
}

const buffer = Buffer.alloc(64);
const read = (stream: TcpStream) => (): unknown => {
  const size = stream.read(buffer);
  return typeof size === 'number' && size > 0 ? buffer.toString('latin1', 0, size) : size;
};
const hello = Buffer.from('hello');

/** Each does something, and returns what it has seen. */
const SCRIPTS: Readonly<Record<string, (backend: Backend) => Promise<unknown[]>>> = {
  'nobody listens': async (backend) => {
    const listener = await listen(backend);
    const address = listener.localAddr();
    listener.close();
    const poll = new backend.Poll();
    const client = backend.TcpStream.connect(address);
    poll.registry.register(client, Token(0), RW);
    const events = new Events(1);
    const found = await seen({ poll, events }, () => client.finishConnect());
    return [found, outcome(read(client)), outcome(() => client.write(hello))];
  },

  'a port is taken': async (backend) => {
    const listener = await listen(backend);
    const again = async (): Promise<unknown> => backend.TcpListener.bind(listener.localAddr());
    const found = await again().catch(({ code, syscall }) => `${code} ${syscall}`);
    return [String(found).split(' ')[0]];
  },

  'half-close, then an answer': async (backend) => {
    const it = await pair(backend);
    it.client.write(hello);
    it.client.shutdown('write');
    const results = [outcome(() => it.client.write(hello))];
    results.push(await seen(it, read(it.server)), await seen(it, read(it.server)));
    it.server.write(Buffer.from('answer'));
    results.push(await seen(it, read(it.client)));
    it.server.shutdown('write');
    results.push(await seen(it, read(it.client)), outcome(read(it.client)));
    return results;
  },

  'a close with unread data resets': async (backend) => {
    const it = await pair(backend);
    it.client.write(hello);
    await seen(it, () => it.server.peek(buffer));
    it.server.close();
    const results = [await seen(it, read(it.client))];
    return [...results, outcome(read(it.client)), outcome(() => it.client.write(hello))];
  },

  'data that had arrived before a reset stays readable': async (backend) => {
    const it = await pair(backend);
    it.client.write(hello);
    await seen(it, () => it.server.peek(buffer));
    it.server.write(Buffer.from('last words'));
    await seen(it, () => it.client.peek(buffer));
    it.server.close();
    return [await seen(it, read(it.client)), await seen(it, read(it.client))];
  },

  'the first write to a closed socket succeeds': async (backend) => {
    const it = await pair(backend);
    it.server.close();
    const results = [await seen(it, read(it.client)), outcome(() => it.client.write(hello))];
    for (let error: unknown; error === undefined; ) {
      const found = outcome(() => it.client.write(hello));
      if (typeof found === 'string') error = results.push(found);
      else await it.poll.poll(it.events, 1);
    }
    return results;
  },

  'a datagram to nobody': async (backend) => {
    const other = await backend.UdpSocket.bind('127.0.0.1:0');
    const address = other.localAddr();
    other.close();
    const socket = await backend.UdpSocket.bind('127.0.0.1:0');
    const poll = new backend.Poll();
    poll.registry.register(socket, Token(0), Interest.READABLE);
    socket.connect(address);
    const results = [outcome(() => socket.send(hello))];
    const found = await seen({ poll, events: new Events(1) }, () => socket.recv(buffer));
    return [...results, String(found).split(' ')[0]];
  },

  'names of Unix sockets': async (backend) => {
    const path = join(folder, `${backend.name}.sock`);
    const connect = () => void backend.UnixStream.connect(path);
    const results = [outcome(connect)];
    const listener = await backend.UnixListener.bind(path);
    const again = async (): Promise<unknown> => backend.UnixListener.bind(path);
    results.push(await again().catch(({ code }) => code), outcome(connect));
    listener.close();
    return [...results, outcome(connect), await again().catch(({ code }) => code)];
  },
};

describe('the same on the kernel and in simulation', needsNative, () => {
  for (const [title, script] of Object.entries(SCRIPTS)) {
    test(title, async () => {
      const epoll = (await import('@evloop/epoll')) as Backend;
      const wanted = await script(epoll);
      let found: unknown[] = [];
      await inside(async () => {
        found = await script(sim);
      });
      assert.deepEqual(found, wanted);
    });
  }
});
