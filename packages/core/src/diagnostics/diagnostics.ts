import type { PollMessage } from '../poll.ts';
import type { DeregistrationMessage, RegistrationMessage } from '../registry.ts';
import type { ErrorMessage } from './error-channel.ts';

/**
 * What evloop tells those who look on: the channels of `node:diagnostics_channel`, and the message
 * of each.
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
 * They exist where the host has `process.getBuiltinModule` (Node 20.16, Bun, Deno), and are those
 * of the thread. A message is made only while somebody subscribes: otherwise nothing is spent but
 * the question. A subscriber is called in the midst of things: it must not change a registration,
 * close anything or poll.
 *
 * `NODE_DEBUG=evloop` writes each message to standard error, a line for each registration, event
 * and error, in the form of `util.debuglog`. In a worker Node passes these lines on by way of the
 * thread's own loop, so that they come late when the worker blocks in `pollSync`.
 */
export interface DiagnosticMessages {
  /** A source was registered. `registry` is the `poll.registry` of its poll. */
  'evloop:register': RegistrationMessage;
  /** A source was given another token or interest, or asked to be told anew. */
  'evloop:reregister': RegistrationMessage;
  /** A source was deregistered: by `deregister`, its own `close`, or its poll's. */
  'evloop:deregister': DeregistrationMessage;
  /** A `poll` or `pollSync` has its answer, also one without events. */
  'evloop:poll': PollMessage;
  /**
   * There is an `EvloopError`, or an error of the system, once for each: that a program is about to
   * be thrown, or has taken with `takeError`, or may take. TypeError and RangeError are not among
   * them.
   */
  'evloop:error': ErrorMessage;
}
