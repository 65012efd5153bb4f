import type { Step } from '../loop/step.ts';

/** What a server does with one connection. */
export interface Handler {
  /**
   * Does what can be done now, in bounded time.
   *
   * - `'wait'`: nothing more until an event.
   * - `'again'`: there is more; the others have their turn first.
   * - `'end'`: the connection is done. It is closed once its outbox is empty.
   *
   * A system error that it throws closes the connection. Any other error ends the loop's `run`.
   */
  step: Step;
  /** The server drains: finish what has begun, then let `step` answer `'end'`. */
  drain?(): void;
  /** The connection was closed. `error`: why, unless it ended in order. */
  closed?(error?: Error): void;
}
