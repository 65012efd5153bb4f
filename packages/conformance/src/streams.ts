import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  StreamSocket,
  UnixAddress,
  UnixBindOptions,
  UnixListener,
  UnixStream,
} from '@evloop/core';
import type { Context } from './context.ts';
import type { Chapter, Suite } from './suite.ts';

/** The two ends of a connection of any kind, neither of them registered. */
export interface Ends {
  readonly client: StreamSocket<unknown>;
  readonly server: StreamSocket<unknown>;
}

/**
 * Makes a connection between the two backends of a suite, of the kind that a chapter is run over.
 */
export type Connect = (context: Context) => Promise<Ends>;

/** A chapter that holds for every stream. */
export type StreamChapter = (suite: Suite, connect: Connect) => void;

export function overTcp(chapter: StreamChapter): Chapter {
  return (suite) => chapter(suite, (context) => context.pair());
}

export function overUnix(chapter: StreamChapter): Chapter {
  return (suite) => chapter(suite, unixPair);
}

/** A Unix connection, with its listener. */
export interface UnixConnection extends Ends {
  readonly listener: UnixListener;
  readonly client: UnixStream;
  readonly server: UnixStream;
}

/** Returns an unused path, in a folder that exists until the test ends. */
export function freshPath(context: Context): UnixAddress {
  const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
  context.own({ close: () => rmSync(folder, { recursive: true }) });
  return join(folder, 'socket');
}

/** Listens. Leaves no file behind when the test ends. */
export async function listenUnix(
  context: Context,
  path: UnixAddress = freshPath(context),
  options: UnixBindOptions = { unlinkOnClose: true },
): Promise<UnixListener> {
  return context.own(await context.server.UnixListener.bind(path, options));
}

/** Begins to connect. */
export function connectUnix(context: Context, path: UnixAddress): UnixStream {
  return context.own(context.client.UnixStream.connect(path));
}

/** Makes a Unix connection between the two backends. */
export async function unixPair(context: Context): Promise<UnixConnection> {
  const listener = await listenUnix(context);
  const client = connectUnix(context, listener.localAddr());
  const server = await context.establish(listener, client);
  return { listener, client, server };
}

/** Returns all operations of a stream, except closing and registering it. */
export function everyOperation(stream: StreamSocket<unknown>): (() => unknown)[] {
  const buffer = new Uint8Array(1);
  return [
    () => stream.read(buffer),
    () => stream.readv([buffer]),
    () => stream.peek(buffer),
    () => stream.write(buffer),
    () => stream.writev([buffer]),
    () => stream.finishConnect(),
    () => stream.takeError(),
    () => stream.localAddr(),
    () => stream.peerAddr(),
    () => stream.shutdown('both'),
  ];
}
