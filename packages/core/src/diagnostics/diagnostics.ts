import type { PollMessage } from '../poll.ts';
import type { DeregistrationMessage, RegistrationMessage } from '../registry.ts';
import type { ErrorMessage } from './error-channel.ts';

/**
 * The channels of `node:diagnostics_channel` on which evloop publishes, with the message of each.
 *
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel';
 * import type { DiagnosticMessages } from '@evloop/core';
 *
 * subscribe('evloop:poll', (message) => {
 *   const { events, stats } = message as DiagnosticMessages['evloop:poll'];
 * });
 * ```
 *
 * The channels exist where the host has `process.getBuiltinModule` (Node 20.16, Bun, Deno). Each
 * thread has its own. evloop makes a message only while the channel has subscribers. A subscriber
 * runs in the middle of an operation: it must not change a registration, close anything or poll.
 *
 * `NODE_DEBUG=evloop` writes each message to standard error, in the form of `util.debuglog`: one
 * line for each registration, event and error. In a worker, Node passes these lines on through the
 * thread's own loop. They are late when the worker blocks in `pollSync`.
 */
export interface DiagnosticMessages {
  /** A source was registered. `registry` is the `poll.registry` of its poll. */
  'evloop:register': RegistrationMessage;
  /** A source got another token or interest, or asked for its current readiness again. */
  'evloop:reregister': RegistrationMessage;
  /** A source was deregistered: by `deregister`, by its own `close`, or by its poll's `close`. */
  'evloop:deregister': DeregistrationMessage;
  /** A `poll` or `pollSync` resolved or returned, also without events. */
  'evloop:poll': PollMessage;
  /**
   * An `EvloopError` or a system error occurred. Published once for each error that a call throws,
   * or that `takeError` returns or could return. TypeError and RangeError are not published.
   */
  'evloop:error': ErrorMessage;
}
