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

/** The two ends of a connection, whatever it goes over, neither of them registered. */
export interface Ends {
  readonly client: StreamSocket<unknown>;
  readonly server: StreamSocket<unknown>;
}

/** Makes a connection between the two backends of a suite: what a chapter is tried over. */
export type Connect = (context: Context) => Promise<Ends>;

/** A chapter that is true of every stream. */
export type StreamChapter = (suite: Suite, connect: Connect) => void;

export function overTcp(chapter: StreamChapter): Chapter {
  return (suite) => chapter(suite, (context) => context.pair());
}

export function overUnix(chapter: StreamChapter): Chapter {
  return (suite) => chapter(suite, unixPair);
}

/** A Unix connection with the listener in between. */
export interface UnixConnection extends Ends {
  readonly listener: UnixListener;
  readonly client: UnixStream;
  readonly server: UnixStream;
}

/** A path that nobody uses, in a folder that is there until the test ends. */
export function freshPath(context: Context): UnixAddress {
  const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
  context.own({ close: () => rmSync(folder, { recursive: true }) });
  return join(folder, 'socket');
}

/** Listens, and leaves no file behind when the test ends. */
export async function listenUnix(
  context: Context,
  path: UnixAddress = freshPath(context),
  options: UnixBindOptions = { unlinkOnClose: true },
): Promise<UnixListener> {
  return context.own(await context.server.UnixListener.bind(path, options));
}

/** Connects, or begins to. */
export function connectUnix(context: Context, path: UnixAddress): UnixStream {
  return context.own(context.client.UnixStream.connect(path));
}

/** A Unix connection between the two backends. */
export async function unixPair(context: Context): Promise<UnixConnection> {
  const listener = await listenUnix(context);
  const client = connectUnix(context, listener.localAddr());
  const server = await context.establish(listener, client);
  return { listener, client, server };
}

/** All that a program can do with a stream, but for closing and registering it. */
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
