import type { TcpListener, TcpStream, UnixListener, UnixStream } from '@evloop/core';

/** A connection: TCP and Unix streams differ in their addresses alone. */
export type Stream = TcpStream | UnixStream;

/** What accepts connections. */
export type Listener = TcpListener | UnixListener;

/**
 * Whether a stream may stay registered for `WRITABLE` once it was. On TCP an edge comes only after
 * a write that blocked. On a Unix stream each read of the peer is one (unix_write_space in Linux).
 */
export function keepsWritable(stream: Stream): boolean {
  return 'setNodelay' in stream;
}
