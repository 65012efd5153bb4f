import type { Source } from './source.ts';
import type { SystemError } from './system-error.ts';
import type { MaybePromise } from './tcp-listener.ts';
import type { UnixAddress, UnixStream } from './unix-stream.ts';
import type { WouldBlock } from './would-block.ts';

/** Options of {@link UnixListenerConstructor.bind}. */
export interface UnixBindOptions {
  /** How many connections may wait to be accepted: 1 to 65535, 511 where it is left out. */
  readonly backlog?: number | undefined;
  /** Removes the socket's file when the listener is closed. Off where it is left out, as the kernel does; without it the next bind finds the file in its way. */
  readonly unlinkOnClose?: boolean | undefined;
}

/** The static side of a backend's `UnixListener`. */
export interface UnixListenerConstructor {
  /**
   * Binds to `path`, which must not exist, and listens.
   *
   * @throws TypeError or RangeError for a path that is none; a {@link SystemError}: `EADDRINUSE` when the path exists, `ENOENT` when its folder does not, `EACCES` …
   */
  bind(path: UnixAddress, options?: UnixBindOptions): MaybePromise<UnixListener>;
}

/** A Unix socket that accepts connections: {@link TcpListener}, with paths for addresses. */
export interface UnixListener extends Source, Disposable {
  /** As `TcpListener.accept`. */
  accept(): UnixStream | WouldBlock;
  /** The name that is listened on. */
  localAddr(): UnixAddress;
  /** As `TcpListener.takeError`. */
  takeError(): SystemError | undefined;
  /** As `TcpListener.close`. */
  close(): void;
}
