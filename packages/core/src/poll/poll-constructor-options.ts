import { unsupportedError } from '../errors.ts';
import type { Supports } from '../sockets/supports.ts';

/** Options of `new Poll(options)`. */
export interface PollConstructorOptions {
  /**
   * Sends the writes of registered streams together, by the next wait (`supports.cork`). Default:
   * `false`.
   *
   * A `write` of at most 16 KiB between a poll's answer and the next wait copies its bytes and
   * returns. The next wait first sends all of them, in order, in one call. If the program does not
   * poll again in the same run of JavaScript, they are sent at the end of that run. What changes:
   *
   * - Bytes leave at the end of the batch.
   * - The error of a write comes one call or one event later: the stream gets an event with
   *   `error`, and its next operation throws.
   * - If the kernel takes less, `write` returns `WouldBlock` until the kernel has taken the rest.
   * - Other operations of the stream first send what was written: `shutdown`, `close`, `writev`,
   *   options.
   * - `process.exit`, an uncaught exception, an unhandled rejection and the termination of a worker
   *   also send what was written. What the kernel has no room for at such an end is lost, as it is
   *   when `write` returns `WouldBlock`.
   * - A process that is killed by a signal, or aborts, loses the writes after its last wait. Writes
   *   before that wait are with the kernel, unless it had no room for them.
   *
   * Datagrams of registered UDP sockets are held likewise (`send`, `sendTo`, `replyTo`), and keep
   * the order of each socket. If the kernel has no room, they wait, and sending returns
   * `WouldBlock` until it has taken them. One that the kernel refuses is lost; the error comes
   * later, and the datagrams behind it are sent. `sendBatch` first sends what is held. The
   * termination of a worker loses them.
   *
   * Other writes are sent at once, as without this option: the first one of a stream, writes above
   * 16 KiB, and writes while a poll is pending or before the first poll.
   */
  readonly cork?: boolean | undefined;
}

/**
 * Returns whether `options` ask for a corked poll.
 *
 * @throws TypeError: `options` is not an object, or `cork` is not a boolean. EVLOOP_UNSUPPORTED:
 *   `cork` is `true`, and `supports.cork` is false.
 */
export function takesCork(
  options: PollConstructorOptions | undefined,
  supports: Pick<Supports, 'cork'>,
): boolean {
  if (options === undefined) return false;
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`invalid options: ${String(options)} (expected an object)`);
  }
  const { cork = false } = options;
  if (typeof cork !== 'boolean') {
    throw new TypeError(`invalid cork: ${String(cork)} (expected a boolean)`);
  }
  if (cork && !supports.cork)
    throw unsupportedError('the cork option is not supported by this backend');
  return cork;
}
