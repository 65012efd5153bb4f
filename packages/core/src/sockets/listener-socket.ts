import type { Source } from '../source.ts';
import type { SystemError } from '../system-error.ts';
import type { WouldBlock } from '../would-block.ts';
import type { SocketWithOptions } from './socket-options.ts';

/**
 * A socket that accepts connections: the common part of TCP and Unix listeners.
 *
 * Register it with `READABLE`; it is never writable. On an event, accept until `WouldBlock`.
 */
export interface ListenerSocket<Stream, Address> extends Source, SocketWithOptions, Disposable {
  /**
   * Accepts the next waiting connection. The stream is connected (`finishConnect` returns `true`),
   * and not registered yet.
   *
   * After an error for which `isTransient(error)` is true, keep the listener. If
   * `isExhausted(error)` is also true, accept again when the listener is reported again; otherwise
   * at once. Where `supports.acceptRecovery` is true, the listener is reported again as soon as
   * there is room. Elsewhere, running out of descriptors may go unreported: clients that connect
   * meanwhile are rejected or wait, and later clients are accepted.
   *
   * @returns `WouldBlock`: no connection waits.
   * @throws EVLOOP_CLOSED: the listener is closed. A {@link SystemError}: see above.
   */
  accept(): Stream | WouldBlock;

  /**
   * Returns the address of the listener. If it was bound to port 0, this has the port that the
   * system chose.
   */
  localAddr(): Address;

  /** Takes the pending error, as `StreamSocket.takeError`. */
  takeError(): SystemError | undefined;

  /**
   * Stops listening, and deregisters. Waiting connections are reset. A second call does nothing.
   */
  close(): void;
}
