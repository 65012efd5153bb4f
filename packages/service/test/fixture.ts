import { type Backend, isBlocking, type TcpStream, WouldBlock } from '@evloop/core';
import { memoryBackend } from '@evloop/memory';
import * as net from '@evloop/net';
import { afterEach } from 'vitest';
import { Loop, type LoopOptions } from '../src/index.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** Does `cleanup` when the test is over. */
export function atEnd(cleanup: () => void): void {
  cleanups.push(cleanup);
}

/** Closes `source` when the test is over. */
export function own<T extends Disposable>(source: T): T {
  cleanups.push(() => source[Symbol.dispose]());
  return source;
}

/** A backend, and a way to wait on it. */
export interface Way {
  readonly name: string;
  readonly backend: Backend;
  readonly blocking: boolean;
}

/** Every backend that runs here, with each way to wait. */
export const ways: readonly Way[] = [
  { name: 'memory', backend: memoryBackend(), blocking: false },
  { name: 'net', backend: net, blocking: false },
];
if (process.platform === 'linux') {
  const epoll: Backend = await import('@evloop/epoll');
  (ways as Way[]).push(
    { name: 'epoll, poll', backend: epoll, blocking: false },
    { name: 'epoll, pollSync', backend: epoll, blocking: true },
  );
}

/** Those of {@link ways} on sockets of the system. */
export const systemWays: readonly Way[] = ways.filter(({ name }) => name !== 'memory');

/** A loop that ends with the test. Blocking ones let Node's loop turn often. */
export function loopOf({ backend, blocking }: Way, options: LoopOptions = {}): Loop {
  const loop = own(new Loop(backend, { blocking, sliceMs: 2, ...options }));
  if (blocking !== isBlocking(loop.poll) && blocking) throw new Error('this poll cannot block');
  return loop;
}

/** Runs the loop until `done` settles, and passes on how. */
export async function runUntil<T>(loop: Loop, done: Promise<T>): Promise<T> {
  const stop = () => loop.stop();
  done.then(stop, stop);
  await loop.run();
  return done;
}

/** Not `WouldBlock`. */
export function some<T>(value: T | WouldBlock): T {
  if (value === WouldBlock) throw new Error('would block');
  return value;
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (array: Uint8Array): string => new TextDecoder().decode(array);

/** The code of the error that `run` throws. */
export function code(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
}

/** A client on a loop: what it has received, and whether its stream has ended or failed. */
export class Client {
  readonly stream: TcpStream;
  readonly loop: Loop;
  received = '';
  size = 0;
  ended = false;
  error: Error | undefined;
  reading = true;
  #unsent: Uint8Array = new Uint8Array(0);
  #shut = false;
  #waiters: (() => void)[] = [];
  readonly #attachment;
  readonly #buffer = new Uint8Array(65536);

  constructor(way: Way, loop: Loop, port: number) {
    this.loop = loop;
    this.stream = own(way.backend.TcpStream.connect(`127.0.0.1:${port}`));
    this.#attachment = loop.attach(this.stream, 3, () => this.#work());
  }

  /** Resolves when `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Resolves when the other side has ended, or the connection has failed. */
  over(): Promise<void> {
    return this.until(() => this.ended || this.error !== undefined);
  }

  send(data: string | Uint8Array): void {
    const more = typeof data === 'string' ? bytes(data) : data;
    const joined = new Uint8Array(this.#unsent.length + more.length);
    joined.set(this.#unsent);
    joined.set(more, this.#unsent.length);
    this.#unsent = joined;
    this.#attachment.wake();
  }

  /** Ends its side once everything is sent. */
  end(): void {
    this.#shut = true;
    this.#attachment.wake();
  }

  resume(): void {
    this.reading = true;
    this.#attachment.wake();
  }

  close(): void {
    this.stream.close();
    this.#attachment.forget();
  }

  #work(): void {
    try {
      if (this.stream.finishConnect() === WouldBlock) return;
      this.#write();
      this.#read();
    } catch (error) {
      this.error = error as Error;
      this.close();
    }
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  #write(): void {
    while (this.#unsent.length > 0) {
      const size = this.stream.write(this.#unsent);
      if (size === WouldBlock) return;
      this.#unsent = this.#unsent.subarray(size);
    }
    if (this.#shut) {
      this.#shut = false;
      this.stream.shutdown('write');
    }
  }

  #read(): void {
    while (this.reading && !this.ended) {
      const size = this.stream.read(this.#buffer);
      if (size === WouldBlock) return;
      if (size === 0) this.ended = true;
      this.size += size;
      if (this.size < 100_000) this.received += text(this.#buffer.subarray(0, size));
    }
  }
}
