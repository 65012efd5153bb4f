import type { Token } from './token.ts';

/**
 * What one source was ready for when `poll` returned: its token and six booleans.
 *
 * Events are flyweights: views of the {@link Events} they came from. Read them while you handle the
 * batch. After the next `poll` with the same `Events`, the object shows another event.
 *
 * **An event is a hint to try, never a promise.** The operation that follows may still return
 * `WouldBlock`. That is normal. The rule for programs is:
 *
 * - `readable`, `readClosed` or `error`: try reading (or accepting, or receiving)
 * - `writable`, `writeClosed` or `error`: try writing (or `finishConnect`)
 *
 * Some events are neither readable nor writable: a datagram socket whose peer refused, or a pipe
 * whose other end closed. A program that checks only those two bits misses them.
 *
 * | property | when it is true |
 * |---|---|
 * | `readable` | data, a connection or a datagram waits, or the end of the stream can be read |
 * | `writable` | there is room to write, or a connection attempt has ended, with or without success |
 * | `error` | the source failed: the next operation or `takeError()` returns the error |
 * | `readClosed` | the peer will send no more (earlier data is still readable), or both sides are closed |
 * | `writeClosed` | nothing more can be sent: both sides are closed, or the source failed |
 * | `priority` | out-of-band data, if `PRIORITY` is in the interest and the backend supports it |
 *
 * `error`, `readClosed` and `writeClosed` are reported whatever the interest is. A backend that
 * cannot detect one of them may omit it (its `supports` tells so), but never invents one.
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
