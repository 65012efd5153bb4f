import { afterEach } from 'vitest';
import {
  Events,
  type Interest,
  Poll,
  type Source,
  TcpListener,
  TcpStream,
  Token,
  WouldBlock,
} from '../src/index.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** Closes `source` when the test is over. */
export function own<T extends Disposable>(source: T): T {
  cleanups.push(() => source[Symbol.dispose]());
  return source;
}

/** A poll with sources, whose tokens are their indices. */
export function watched(interest: Interest, ...sources: Source[]): { poll: Poll; events: Events } {
  const poll = own(new Poll());
  for (const [i, source] of sources.entries()) poll.registry.register(source, Token(i), interest);
  return { poll, events: new Events(16) };
}

/** Lets Node's loop turn until `done`. */
export async function until(done: () => boolean, patienceMs = 120_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!done()) {
    if (performance.now() > deadline) throw new Error(`not in ${patienceMs} ms: ${done}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Not `WouldBlock`. */
export function some<T>(value: T | typeof WouldBlock): T {
  if (value === WouldBlock) throw new Error('would block');
  return value;
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What `run` throws. */
export function thrown(
  run: () => unknown,
): NodeJS.ErrnoException & { address?: string; port?: number } {
  try {
    run();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error(`nothing was thrown by ${run}`);
}

export function listen(address = '127.0.0.1:0'): Promise<TcpListener> {
  return TcpListener.bind(address).then(own);
}

/** Accepts the next connection. */
export async function accept(listener: TcpListener): Promise<TcpStream> {
  let stream: TcpStream | typeof WouldBlock = WouldBlock;
  await until(() => {
    stream = listener.accept();
    return stream !== WouldBlock;
  });
  return own(some<TcpStream>(stream));
}

/** A connected pair: the client, and what the listener accepted. */
export async function pair(): Promise<{
  listener: TcpListener;
  client: TcpStream;
  server: TcpStream;
}> {
  const listener = await listen();
  const client = own(TcpStream.connect(listener.localAddr()));
  const server = await accept(listener);
  await until(() => client.finishConnect() === true);
  return { listener, client, server };
}
