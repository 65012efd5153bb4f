import type { Source } from '../source.ts';
import type { SystemError } from '../system-error.ts';
import type { WouldBlock } from '../would-block.ts';
import type { SocketWithOptions } from './socket-options.ts';

/**
 * A socket that accepts connections: what TCP and Unix listeners have in common.
 *
 * Register it with `READABLE`; it is never writable. On an event, accept until `WouldBlock`.
 */
export interface ListenerSocket<Stream, Address> extends Source, SocketWithOptions, Disposable {
  /**
   * Takes the next connection that waits, not registered yet. It is connected: `finishConnect`
   * answers `true`.
   *
   * @returns `WouldBlock` when none waits.
   * @throws `EVLOOP_CLOSED`; a {@link SystemError}. Those for which `isTransient(error)` holds
   *   concern one connection or the moment: keep the listener, and accept again at once, or, where
   *   `isExhausted(error)` holds, when it is reported ready again. That happens by itself once
   *   there is room, where `supports.acceptRecovery` is true. Elsewhere a want of descriptors need
   *   not be reported at all: who comes meanwhile is turned away or waits, and who comes afterwards
   *   is accepted.
   */
  accept(): Stream | WouldBlock;

  /** The address that is listened on, its port chosen where 0 was asked for. */
  localAddr(): Address;

  /** Takes the pending error, as `StreamSocket.takeError`. */
  takeError(): SystemError | undefined;

  /**
   * Stops listening, and deregisters. Connections that wait are reset. Does nothing the second
   * time.
   */
  close(): void;
}
