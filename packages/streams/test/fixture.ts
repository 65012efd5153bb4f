import type { Backend, TcpListener } from '@evloop/core';
import { WouldBlock } from '@evloop/core';
import { memoryBackend } from '@evloop/memory';
import * as net from '@evloop/net';
import { Loop, type LoopOptions, type Stream } from '@evloop/service';
import { afterEach } from 'vitest';
import { type EvloopSocket, type EvloopSocketOptions, toDuplex } from '../src/index.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Does `cleanup` when the test is over. */
export function atEnd(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** A backend with its name. */
export interface Way {
  readonly name: string;
  readonly backend: Backend;
}

const memory: Way = { name: 'memory', backend: memoryBackend() };

/** The backends on sockets of the system. */
export const systemWays: Way[] = [{ name: 'net', backend: net }];
if (process.platform === 'linux') {
  systemWays.push({ name: 'epoll', backend: await import('@evloop/epoll') });
}

/** Every backend that runs here. */
export const ways: readonly Way[] = [memory, ...systemWays];

/** A loop that runs until the test is over. What it ends with fails the test. */
export function runningLoop({ backend }: Way, options: LoopOptions = {}): Loop {
  const loop = new Loop(backend, options);
  const run = loop.run();
  run.catch(() => {});
  atEnd(async () => {
    loop.stop();
    await run;
    loop.close();
  });
  return loop;
}

/** A listener on a free port of loopback. */
export async function listen({ backend }: Way): Promise<TcpListener> {
  const listener = await backend.TcpListener.bind('127.0.0.1:0');
  atEnd(() => listener.close());
  return listener;
}

/** The next connection of a listener. */
export function accepted(loop: Loop, listener: TcpListener): Promise<Stream> {
  return new Promise((resolve) => {
    const attachment = loop.attach(listener, 1, () => {
      const stream = listener.accept();
      if (stream === WouldBlock) return;
      attachment.detach();
      resolve(stream);
    });
  });
}

/** Two ends of one connection. */
export interface Pair<A, B = A> {
  readonly loop: Loop;
  readonly a: A;
  readonly b: B;
}

/** Two streams that are connected to each other and registered nowhere. */
export async function streamPair(way: Way): Promise<Pair<Stream>> {
  const loop = runningLoop(way);
  const listener = await listen(way);
  const a = way.backend.TcpStream.connect(listener.localAddr());
  const b = await accepted(loop, listener);
  await new Promise<void>((resolve) => {
    const attachment = loop.attach(a, 3, () => {
      if (a.finishConnect() === WouldBlock) return;
      attachment.detach();
      resolve();
    });
  });
  return { loop, a, b };
}

/** Two sockets that are connected to each other. */
export async function socketPair(
  way: Way,
  options: EvloopSocketOptions = {},
): Promise<Pair<EvloopSocket>> {
  const { loop, a, b } = await streamPair(way);
  return { loop, a: socketOf(a, loop, options), b: socketOf(b, loop, options) };
}

/** A socket, and the stream at the other end of its connection. */
export async function mixedPair(
  way: Way,
  options: EvloopSocketOptions = {},
): Promise<Pair<EvloopSocket, Stream>> {
  const { loop, a, b } = await streamPair(way);
  atEnd(() => b.close());
  return { loop, a: socketOf(a, loop, options), b };
}

function socketOf(stream: Stream, loop: Loop, options: EvloopSocketOptions): EvloopSocket {
  const socket = toDuplex(stream, loop, options);
  atEnd(() => socket.destroy());
  return socket;
}

/** Reads all that arrives until the peer ends its side. */
export async function textOf(readable: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of readable) text += Buffer.from(chunk).toString('latin1');
  return text;
}

/** Repeats `step`, one turn of Node's loop after the other, until it answers true. */
export async function until(step: () => boolean): Promise<void> {
  while (!step()) await new Promise((resolve) => setImmediate(resolve));
}

/** The names of the events of a socket, as they come. */
export function recordEvents(socket: NodeJS.EventEmitter, names: readonly string[]): string[] {
  const seen: string[] = [];
  for (const name of names) {
    socket.on(name, (...args: unknown[]) => {
      const [first] = args;
      const code = (first as { code?: string } | undefined)?.code;
      seen.push(
        name === 'close' ? `close ${first}` : code === undefined ? name : `${name} ${code}`,
      );
    });
  }
  return seen;
}
