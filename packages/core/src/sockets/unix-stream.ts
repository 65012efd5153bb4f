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

/** What {@link UnixStream.readWithFds} gives. */
export interface WithFds {
  /** The number of bytes; 0 is the end of the stream. */
  readonly size: number;
  /** The descriptors, close-on-exec, the receiver's to close. */
  readonly fds: readonly number[];
  /** Whether there were more than the receiver took. */
  readonly truncated: boolean;
}

/** The static side of a backend's `UnixStream`. */
export interface UnixStreamConstructor {
  /**
   * Connects to the listener at `path`. On Linux it is connected, or has failed, at once;
   * `finishConnect` says so on every backend.
   *
   * @throws TypeError or RangeError for a path that is none; `EVLOOP_UNSUPPORTED` for an abstract
   *   name where `supports.abstractNames` is false; a {@link SystemError}: `ENOENT`, `ECONNREFUSED`
   *   (nobody listens), `EACCES`; `EAGAIN` when the listener's backlog is full: no event will come,
   *   so try again after a while. A backend may report these through `finishConnect`.
   */
  connect(path: UnixAddress): UnixStream;

  /**
   * Two streams that are connected to each other: socketpair(2).
   *
   * @throws `EVLOOP_UNSUPPORTED` where `supports.unixPair` is false.
   */
  pair(): [UnixStream, UnixStream];

  /** Takes over a connected Unix stream. @throws as `TcpListener.fromFd`. */
  fromFd(fd: number): MaybePromise<UnixStream>;
}

/**
 * A stream between processes of one machine. Its operations are those of {@link StreamSocket};
 * addresses are paths.
 *
 * `localAddr` is `''` where this end was never bound, as is usual for the connecting side, and so
 * is `peerAddr` of the accepted one. `peerAddr` and `shutdown` throw `ENOTCONN` before the
 * connection is made, and go on working after it has broken.
 */
export interface UnixStream extends StreamSocket<UnixAddress> {
  /**
   * Who connected, or listened, as the kernel noted at that time.
   *
   * @throws `EVLOOP_UNSUPPORTED` where `supports.peerCredentials` is false.
   */
  peerCredentials(): Credentials;

  /**
   * Writes, and passes descriptors along with the first byte (`SCM_RIGHTS`, unix(7)). They are
   * duplicated: the caller's stay open.
   *
   * @param fds 1 to 253 descriptors.
   * @returns as `write`; unless it answers `WouldBlock` all of `fds` were passed.
   * @throws `EVLOOP_UNSUPPORTED` where `supports.fdPassing` is false.
   */
  writeWithFds(buffer: Uint8Array, fds: readonly number[]): number | WouldBlock;

  /**
   * Reads, and takes the descriptors that came along. They are the caller's to close. A plain
   * `read` closes those that come.
   *
   * @param most how many the caller takes, 253 at most, which is the default; those that are more
   *   are closed, and `truncated` says so.
   * @returns `size` as `read`.
   * @throws `EVLOOP_UNSUPPORTED` where `supports.fdPassing` is false.
   */
  readWithFds(buffer: Uint8Array, most?: number): WithFds | WouldBlock;
}
