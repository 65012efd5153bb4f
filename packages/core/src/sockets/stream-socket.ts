import type { Source } from '../source.ts';
import type { SystemError } from '../system-error.ts';
import type { WouldBlock } from '../would-block.ts';
import type { SocketWithOptions } from './socket-options.ts';

/**
 * A connection, connecting or connected: what TCP and Unix streams have in common.
 *
 * All operations are non-blocking. Those that cannot be done now answer `WouldBlock`; repeat them
 * after the next event. Every one throws `EVLOOP_CLOSED` after `close()`, a TypeError for a buffer
 * that is no `Uint8Array` or whose memory was transferred, and a RangeError for a range outside the
 * buffer.
 *
 * A registered stream is kept alive by its registry. One that is lost while it is neither
 * registered nor closed is closed when it is collected, with a warning.
 */
export interface StreamSocket<Address> extends Source, SocketWithOptions, Disposable {
  /**
   * Whether the connection is established. `writable` alone does not say so: it means that the
   * attempt has ended.
   *
   * `true`: connected, now or at some time before. `WouldBlock`: still on its way; call again on
   * the next event.
   *
   * Idempotent and never destructive: a failed attempt throws the same error each time, and leaves
   * it to `takeError` as well.
   *
   * @throws a {@link SystemError} that says why it failed, for instance
   *   `connect ECONNREFUSED 127.0.0.1:9`.
   */
  finishConnect(): true | WouldBlock;

  /**
   * Reads into `buffer` from `offset`, `length` bytes at the most (default: to its end), at least
   * 1.
   *
   * @returns the number of bytes; a short read is normal, and re-arms nothing. **0 is the end of
   *   the stream**: the peer has ended its side, and every later read answers 0 as well.
   *   `WouldBlock`: nothing has arrived.
   * @throws a {@link SystemError} once when the connection failed (`ECONNRESET`, `ETIMEDOUT` …):
   *   after what had arrived before was read, and before 0. RangeError for an empty range.
   */
  read(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /**
   * Like `read`, filling several buffers one after the other (readv(2)). More than 64 may be left
   * for the next call.
   */
  readv(buffers: readonly Uint8Array[]): number | WouldBlock;

  /**
   * Like `read`, but what it returns stays to be read. `WouldBlock` re-arms; success neither drains
   * nor disarms.
   */
  peek(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /**
   * Writes `length` bytes of `buffer` from `offset` (default: to its end). The bytes are the
   * caller's again when it returns.
   *
   * @returns the number of bytes **taken**, often fewer than asked; the rest is to be written after
   *   the next writable event. Taken bytes are delivered in order, unless the connection fails,
   *   which it then reports. `WouldBlock`: none was taken; also while connecting. 0 only for an
   *   empty range.
   * @throws `EPIPE` after the writing side was shut down or the connection has ended; `ECONNRESET`
   *   and others of send(2). An error may concern bytes that were taken before.
   */
  write(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /**
   * Like `write`, taking several buffers one after the other (writev(2)). More than 64 may be left
   * for the next call.
   */
  writev(buffers: readonly Uint8Array[]): number | WouldBlock;

  /**
   * Shuts one side or both, keeping the descriptor. After `'write'` the peer reads what was taken,
   * then the end of the stream, and a further `write` throws `EPIPE`. After `'read'` a read answers
   * 0 once what has arrived is read.
   *
   * @throws `ENOTCONN` while it is not connected.
   */
  shutdown(how: 'read' | 'write' | 'both'): void;

  /** The address of this end. */
  localAddr(): Address;

  /** The address of the other end. @throws `ENOTCONN` while, or when, it is not connected. */
  peerAddr(): Address;

  /**
   * Takes the pending error (`SO_ERROR`, socket(7)): `undefined` when there is none. Destructive:
   * the second call answers `undefined`. To find out whether a connection attempt succeeded, use
   * `finishConnect`.
   */
  takeError(): SystemError | undefined;

  /**
   * Closes the stream, and deregisters it. Does nothing the second time.
   *
   * Bytes that were taken are still delivered if the peer sends nothing more. But on TCP, as with
   * close(2), the connection is reset when bytes of the peer are unread, and when bytes arrive
   * after the close (RFC 1122, 4.2.2.13). The peer may then lose what it has not read. If the peer
   * may still send, use a `LingeringClose` instead.
   */
  close(): void;
}
