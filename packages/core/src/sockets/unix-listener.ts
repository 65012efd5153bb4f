import type { UnixAddress } from '../address/unix-address.ts';
import type { ListenerSocket } from './listener-socket.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { UnixStream } from './unix-stream.ts';

/** Options of {@link UnixListenerConstructor.bind}. */
export interface UnixBindOptions {
  /** How many connections may wait to be accepted: 1 to 65535. Default: 511. */
  readonly backlog?: number | undefined;
  /**
   * Removes the socket's file when the listener is closed. Default: false, as in the kernel. The
   * next bind to the same path then fails with `EADDRINUSE`.
   */
  readonly unlinkOnClose?: boolean | undefined;
}

/** The static side of a backend's `UnixListener`. */
export interface UnixListenerConstructor {
  /**
   * Binds to `path`, which must not exist, and listens.
   *
   * @throws TypeError or RangeError: the path is invalid. EVLOOP_UNSUPPORTED: an abstract name, and
   *   `supports.abstractNames` is false. A {@link SystemError}: `EADDRINUSE` (the path exists),
   *   `ENOENT` (its folder does not), `EACCES` …
   */
  bind(path: UnixAddress, options?: UnixBindOptions): MaybePromise<UnixListener>;

  /**
   * Takes over a Unix socket that listens already. Its file is never removed.
   *
   * @throws as `TcpListener.fromFd`.
   */
  fromFd(fd: number): MaybePromise<UnixListener>;
}

/**
 * A Unix socket that accepts connections. Its operations are those of {@link ListenerSocket};
 * `localAddr` returns its path or name.
 */
export interface UnixListener extends ListenerSocket<UnixStream, UnixAddress> {}
