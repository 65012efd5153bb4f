import type { Token } from './token.ts';

/**
 * What one source was ready for when `poll` returned: its token and six booleans.
 *
 * Events are flyweights: windows onto the {@link Events} they came from. Read what is needed while
 * handling the batch; after the next `poll` with the same `Events` the object shows another event.
 *
 * **An event is a hint to try, never a promise.** An operation that follows may still answer
 * `WouldBlock`; that is normal and no error. The rule for programs is:
 *
 * - `readable`, `readClosed` or `error`: try reading (or accepting, or receiving);
 * - `writable`, `writeClosed` or `error`: try writing (or `finishConnect`).
 *
 * Some events are neither readable nor writable (a datagram socket whose peer refused, a pipe whose
 * other end went away), so a program that looks at those two alone misses them.
 *
 * | property | when it is true |
 * |---|---|
 * | `readable` | data, a connection or a datagram waits, or the end of the stream can be read |
 * | `writable` | there is room to write, or a connection attempt has ended (in either way) |
 * | `error` | the source failed: the next operation or `takeError()` says how |
 * | `readClosed` | the peer will send no more (what was sent before is still readable), or all is over |
 * | `writeClosed` | nothing more can be sent: both sides are closed, or the source failed |
 * | `priority` | out-of-band data, where `PRIORITY` was asked for and the backend supports it |
 *
 * `error`, `readClosed` and `writeClosed` come whatever the interest. They may be missed by a
 * backend that cannot know (its `supports` says so), and are never invented.
 */
export interface Event {
  /** The token of the registration, as it was given last. */
  readonly token: Token;
  /** Try reading. */
  readonly readable: boolean;
  /** Try writing; for a connecting stream, call `finishConnect`. */
  readonly writable: boolean;
  /** The source failed. */
  readonly error: boolean;
  /** Nothing more will arrive. */
  readonly readClosed: boolean;
  /** Nothing more can be sent. */
  readonly writeClosed: boolean;
  /** Out-of-band data or another exceptional condition. */
  readonly priority: boolean;
}
