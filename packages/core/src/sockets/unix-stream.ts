import type { UnixAddress } from '../address/unix-address.ts';
import type { WouldBlock } from '../would-block.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { StreamSocket } from './stream-socket.ts';

/** The credentials of a process: `SO_PEERCRED`, unix(7). */
export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** The result of {@link UnixStream.readWithFds}. */
export interface WithFds {
  /** The number of bytes; 0 is the end of the stream. */
  readonly size: number;
  /** The descriptors, close-on-exec. The receiver must close them. */
  readonly fds: readonly number[];
  /** Whether more descriptors came than the receiver asked for. */
  readonly truncated: boolean;
}

/** The static side of a backend's `UnixStream`. */
export interface UnixStreamConstructor {
  /**
   * Connects to the listener at `path`. On Linux, the attempt succeeds or fails at once;
   * `finishConnect` works on every backend.
   *
   * @throws TypeError or RangeError: the path is invalid. EVLOOP_UNSUPPORTED: an abstract name, and
   *   `supports.abstractNames` is false. A {@link SystemError}: `ENOENT`, `ECONNREFUSED` (no
   *   listener), `EACCES`. `EAGAIN`: the listener's backlog is full; no event will come, so try
   *   again after a while. A backend may report these through `finishConnect`.
   */
  connect(path: UnixAddress): UnixStream;

  /**
   * Makes two streams that are connected to each other: socketpair(2).
   *
   * @throws EVLOOP_UNSUPPORTED: `supports.unixPair` is false.
   */
  pair(): [UnixStream, UnixStream];

  /** Takes over a connected Unix stream. @throws as `TcpListener.fromFd`. */
  fromFd(fd: number): MaybePromise<UnixStream>;
}

/**
 * A stream between processes of one machine. Its operations are those of {@link StreamSocket};
 * addresses are paths.
 *
 * An end that was never bound has the address `''`. That is usual for the connecting side: its
 * `localAddr`, and the `peerAddr` of the accepted stream. `peerAddr` and `shutdown` throw
 * `ENOTCONN` before the connection is made, and still work after it has broken.
 */
export interface UnixStream extends StreamSocket<UnixAddress> {
  /**
   * Returns the process that connected or listened, as the kernel recorded it at that time.
   *
   * @throws EVLOOP_UNSUPPORTED: `supports.peerCredentials` is false.
   */
  peerCredentials(): Credentials;

  /**
   * Writes, and passes descriptors along with the first byte (`SCM_RIGHTS`, unix(7)). They are
   * duplicated: the caller's stay open.
   *
   * @param fds 1 to 253 descriptors.
   * @returns as `write`. Unless it returns `WouldBlock`, all of `fds` were passed.
   * @throws EVLOOP_UNSUPPORTED: `supports.fdPassing` is false.
   */
  writeWithFds(buffer: Uint8Array, fds: readonly number[]): number | WouldBlock;

  /**
   * Reads, and takes the descriptors that came along. The caller must close them. (A plain `read`
   * closes them.)
   *
   * @param most the most descriptors to take: at most 253, the default. Further ones are closed,
   *   and `truncated` is true.
   * @returns `size` as `read`.
   * @throws EVLOOP_UNSUPPORTED: `supports.fdPassing` is false.
   */
  readWithFds(buffer: Uint8Array, most?: number): WithFds | WouldBlock;
}
