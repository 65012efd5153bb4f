import { type BlockingPoll, Events, type Source, Token, WouldBlock } from '@evloop/core';
import { afterEach } from 'vitest';
import { Poll, TcpListener, TcpStream } from '../../src/index.ts';

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

/** A poll with sources, whose tokens are their indices. */
export function watched(interest: number, ...sources: Source[]): { poll: Poll; events: Events } {
  const poll = own(new Poll());
  for (const [i, source] of sources.entries()) poll.registry.register(source, Token(i), interest);
  return { poll, events: new Events(16) };
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** So many bytes, all the same. */
export const filled = (size: number, value = 7): Uint8Array<ArrayBuffer> =>
  new Uint8Array(size).fill(value);

/** The code of the error that `run` throws; `undefined` when it throws none. */
export function code(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
}

/** Not `WouldBlock`. */
export function some<T>(value: T | WouldBlock): T {
  if (value === WouldBlock) throw new Error('would block');
  return value;
}

/** A connected pair: the client, and what the listener accepted. */
export function tcpPair(listener: TcpListener = own(TcpListener.bind('127.0.0.1:0'))): {
  listener: TcpListener;
  client: TcpStream;
  server: TcpStream;
} {
  const client = own(TcpStream.connect(listener.localAddr()));
  const { poll, events } = watched(1, listener);
  poll.pollSync(events, 5000);
  poll.registry.deregister(listener);
  return { listener, client, server: own(some(listener.accept())) };
}

/** The tokens that one call of `pollSync` gives. */
export function tokens(poll: BlockingPoll, events: Events, timeoutMs = 0): number[] {
  poll.pollSync(events, timeoutMs);
  return [...events].map((event) => event.token);
}
