import type { UnixAddress } from '../address/unix-address.ts';
import type { ListenerSocket } from './listener-socket.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { UnixStream } from './unix-stream.ts';

/** Options of {@link UnixListenerConstructor.bind}. */
export interface UnixBindOptions {
  /** How many connections may wait to be accepted: 1 to 65535, 511 where it is left out. */
  readonly backlog?: number | undefined;
  /**
   * Removes the socket's file when the listener is closed. Off where it is left out, as the kernel
   * does; without it the next bind finds the file in its way.
   */
  readonly unlinkOnClose?: boolean | undefined;
}

/** The static side of a backend's `UnixListener`. */
export interface UnixListenerConstructor {
  /**
   * Binds to `path`, which must not exist, and listens.
   *
   * @throws TypeError or RangeError for a path that is none; `EVLOOP_UNSUPPORTED` for an abstract
   *   name where `supports.abstractNames` is false; a {@link SystemError}: `EADDRINUSE` when the
   *   path exists, `ENOENT` when its folder does not, `EACCES` …
   */
  bind(path: UnixAddress, options?: UnixBindOptions): MaybePromise<UnixListener>;

  /**
   * Takes over a Unix socket that listens already, and whose file is not its own to remove.
   *
   * @throws as `TcpListener.fromFd`.
   */
  fromFd(fd: number): MaybePromise<UnixListener>;
}

/**
 * A Unix socket that accepts connections. Its operations are those of {@link ListenerSocket};
 * `localAddr` is the name that is listened on.
 */
export interface UnixListener extends ListenerSocket<UnixStream, UnixAddress> {}
