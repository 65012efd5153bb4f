import { ReadableStream, WritableStream } from 'node:stream/web';
import { formatSocketAddress } from '@evloop/core';
import type { Loop, Stream } from '@evloop/service';
import { WebWire } from './web-wire.ts';

/** The addresses of a connection. They are undefined for Unix sockets. */
export interface WebSocketInfo {
  /** For instance `'192.0.2.1:443'`. */
  readonly remoteAddress: string | undefined;
  /** For instance `'192.0.2.7:50000'`. */
  readonly localAddress: string | undefined;
}

/** A connection as a pair of Web streams: the shape of the WinterTC Sockets API. */
export interface WebSocketStreams {
  /** What the peer sends. It closes when the peer ends its side; the other side stays open. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What is sent to the peer. Closing it ends this side. */
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves when the connection is made; rejects with why it was not. */
  readonly opened: Promise<WebSocketInfo>;
  /** Resolves when both sides have ended, or `close` was called; rejects with the error. */
  readonly closed: Promise<void>;
  /** Closes the connection now, and returns `closed`. */
  close(): Promise<void>;
}

/** How much is queued to be written before `ready` waits, in bytes. */
const HIGH_WATER = 0x10000;

/**
 * Makes a pair of Web streams of `stream`, which is connecting or connected, registered nowhere,
 * and belongs to them from now on. Nothing is read before it is asked for.
 *
 * @throws what `Registry.register` throws. The error of a connection attempt that has failed.
 */
export function toWeb(stream: Stream, loop: Loop): WebSocketStreams {
  const opened = promise<WebSocketInfo>();
  const closed = promise<void>();
  const wire = new WebWire(loop, stream, {
    opened: () => opened.resolve(infoOf(stream)),
    closed: (error) => {
      opened.reject(error ?? new Error('the connection was closed'));
      if (error === undefined) closed.resolve();
      else closed.reject(error);
    },
  });
  wire.begin();
  const streams = { readable: readableOf(wire), writable: writableOf(wire) };
  if (!wire.connecting) opened.resolve(infoOf(stream));
  return {
    ...streams,
    opened: opened.promise,
    closed: closed.promise,
    close: () => {
      wire.end();
      return closed.promise;
    },
  };
}

function readableOf(wire: WebWire): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      type: 'bytes',
      start: (controller) => {
        wire.readable = controller;
      },
      pull: () => wire.readOne(),
      cancel: () => wire.cancel(),
    },
    { highWaterMark: 0 },
  );
}

function writableOf(wire: WebWire): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>(
    {
      start: (controller) => {
        wire.writable = controller;
      },
      write: (chunk) => wire.writeOne(bytesOf(chunk)),
      close: () => wire.endWriting(),
      abort: (reason) => wire.end(reason ?? new Error('the writable side was aborted')),
    },
    { highWaterMark: HIGH_WATER, size: (chunk) => bytesOf(chunk).byteLength },
  );
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  throw new TypeError('invalid chunk (expected an ArrayBuffer or a view of one)');
}

function infoOf(stream: Stream): WebSocketInfo {
  const remote = stream.peerAddr();
  const local = stream.localAddr();
  return {
    remoteAddress: typeof remote === 'string' ? undefined : formatSocketAddress(remote),
    localAddress: typeof local === 'string' ? undefined : formatSocketAddress(local),
  };
}

interface Settled<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** A promise whose rejection is not reported when nothing listens: the streams fail as well. */
function promise<T>(): Settled<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const made = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  made.catch(() => {});
  return { promise: made, resolve, reject };
}
