import type { Source } from '../source.ts';
import type { SystemError } from '../system-error.ts';
import type { WouldBlock } from '../would-block.ts';
import type { SocketWithOptions } from './socket-options.ts';

/**
 * A connection, connecting or connected: the common part of TCP and Unix streams.
 *
 * All operations are non-blocking. An operation that cannot be done now returns `WouldBlock`:
 * repeat it after the next event. Each operation throws `EVLOOP_CLOSED` after `close()`. It throws
 * a TypeError if the buffer is not a `Uint8Array` or its memory was transferred, and a RangeError
 * if the range is outside the buffer.
 *
 * A registered stream is kept alive by its registry. A stream that is neither registered nor closed
 * is closed when it is garbage-collected, with a warning.
 */
export interface StreamSocket<Address> extends Source, SocketWithOptions, Disposable {
  /**
   * Returns whether the connection is established. (`writable` alone only means that the attempt
   * has ended.)
   *
   * The result never changes once it is final. A failed attempt throws the same error each time. It
   * does not consume the error: `takeError` still returns it.
   *
   * @returns `true`: the stream is connected, or was. `WouldBlock`: still connecting; call again on
   *   the next event.
   * @throws a {@link SystemError}: the attempt failed, for instance `connect ECONNREFUSED
   *   127.0.0.1:9`.
   */
  finishConnect(): true | WouldBlock;

  /**
   * Reads into `buffer` from `offset`: at least 1 and at most `length` bytes (default: to the end
   * of the buffer).
   *
   * @returns the number of bytes. A short read is normal, and re-arms nothing. **0 is the end of
   *   the stream**: the peer has ended its side, and every later read returns 0 too. `WouldBlock`:
   *   nothing has arrived.
   * @throws a {@link SystemError}: the connection failed (`ECONNRESET`, `ETIMEDOUT` …). Thrown
   *   once, after all data that had arrived was read, and before 0. RangeError: the range is empty.
   */
  read(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /**
   * Like `read`, filling several buffers one after the other (readv(2)). Buffers after the 64th may
   * be left for the next call.
   */
  readv(buffers: readonly Uint8Array[]): number | WouldBlock;

  /**
   * Like `read`, but the bytes stay to be read. `WouldBlock` re-arms; success neither drains nor
   * disarms.
   */
  peek(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /**
   * Writes `length` bytes of `buffer` from `offset` (default: to the end of the buffer). When it
   * returns, the buffer belongs to the caller again.
   *
   * The taken bytes are where the end of the process leaves them:
   *
   * - On a kernel backend the kernel has them. It sends them however the process ends.
   * - On a corked poll (`new Poll({ cork: true })`) the next wait hands them to the kernel, and so
   *   does any end of the process but the death by a signal.
   * - Elsewhere the host has them. It may lose what the kernel had no room for.
   *
   * @returns the number of bytes **taken**, often fewer than `length`. Write the rest after the
   *   next writable event. Taken bytes are delivered in order, unless the connection fails, which
   *   is then reported. `WouldBlock`: none was taken; also while connecting. 0 only for an empty
   *   range.
   * @throws `EPIPE`: the writing side was shut down, or the connection has ended. `ECONNRESET` and
   *   others of send(2). An error may be about bytes that were taken before.
   */
  write(buffer: Uint8Array, offset?: number, length?: number): number | WouldBlock;

  /**
   * Like `write`, taking several buffers one after the other (writev(2)). Buffers after the 64th
   * may be left for the next call.
   */
  writev(buffers: readonly Uint8Array[]): number | WouldBlock;

  /**
   * Shuts down one side or both, and keeps the descriptor. After `'write'`, the peer reads what was
   * taken, then the end of the stream, and a further `write` throws `EPIPE`. After `'read'`, a read
   * returns 0 once all data that has arrived is read.
   *
   * @throws `ENOTCONN`: the stream is not connected.
   */
  shutdown(how: 'read' | 'write' | 'both'): void;

  /** Returns the address of this end. */
  localAddr(): Address;

  /** Returns the address of the other end. @throws `ENOTCONN`: the stream is not connected. */
  peerAddr(): Address;

  /**
   * Takes the pending error (`SO_ERROR`, socket(7)): `undefined` if there is none. Destructive: a
   * second call returns `undefined`. To check a connection attempt, use `finishConnect`.
   */
  takeError(): SystemError | undefined;

  /**
   * Closes the stream, and deregisters it. A second call does nothing.
   *
   * Taken bytes are still delivered if the peer sends nothing more. But on TCP, as with close(2),
   * the connection is reset when bytes of the peer are unread, or arrive after the close (RFC 1122,
   * 4.2.2.13). The peer may then lose data that it has not read. If the peer may still send, use a
   * `LingeringClose` instead.
   */
  close(): void;
}
