import type { Source } from './source.ts';
import type { SystemError } from './system-error.ts';
import type { WouldBlock } from './would-block.ts';

/**
 * The address of a Unix socket, as Node writes it: a path; a name that begins with `'\0'` in Linux' abstract namespace; or `''`
 * for a socket that has none. Paths are at most 107 bytes long (unix(7)); longer ones are a RangeError, never cut.
 */
export type UnixAddress = string;

/** The credentials of a process: `SO_PEERCRED`, unix(7). */
export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** The static side of a backend's `UnixStream`. */
export interface UnixStreamConstructor {
  /**
   * Connects to the listener at `path`. On Linux it is connected, or has failed, at once; `finishConnect` says so on every backend.
   *
   * @throws TypeError or RangeError for a path that is none; a {@link SystemError}: `ENOENT`, `ECONNREFUSED` (nobody listens), `EACCES`;
   * `EAGAIN` when the listener's backlog is full: no event will come, so try again after a while. A backend may report these through
   * `finishConnect`.
   */
  connect(path: UnixAddress): UnixStream;
}

/**
 * A stream between processes of one machine. Its operations are those of {@link TcpStream}, with the same results and errors;
 * addresses are paths.
 */
export interface UnixStream extends Source, Disposable {
  /** As `TcpStream.finishConnect`. */
  finishConnect(): true | WouldBlock;
  /** As `TcpStream.read`. */
  read(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;
  /** As `TcpStream.readv`. */
  readv(buffers: readonly Uint8Array[]): number | WouldBlock;
  /** As `TcpStream.peek`. */
  peek(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;
  /** As `TcpStream.write`. */
  write(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;
  /** As `TcpStream.writev`. */
  writev(buffers: readonly Uint8Array[]): number | WouldBlock;
  /** As `TcpStream.shutdown`. */
  shutdown(how: 'read' | 'write' | 'both'): void;
  /** The name of this end; `''` where it was never bound, as is usual for the connecting side. */
  localAddr(): UnixAddress;
  /** The name of the other end; `''` where it has none. @throws `ENOTCONN`. */
  peerAddr(): UnixAddress;
  /** As `TcpStream.takeError`. */
  takeError(): SystemError | undefined;
  /** As `TcpStream.close`. */
  close(): void;
}
