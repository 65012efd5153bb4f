import type { Events } from '../events.ts';
import type { Interest } from '../interest.ts';
import type { PollStats } from '../poll/poll-stats.ts';
import type { Poll } from '../poll.ts';
import type { Registry } from '../registry.ts';
import type { Source } from '../source.ts';
import type { SystemError } from '../system-error.ts';
import type { Token } from '../token.ts';
import { writeTraces } from './trace.ts';

/**
 * What evloop tells those who look on: the channels of `node:diagnostics_channel`, and the message of each.
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
 * They exist where the host has `process.getBuiltinModule` (Node 20.16, Bun, Deno), and are those of the thread. A message is made only while somebody
 * subscribes: otherwise nothing is spent but the question. A subscriber is called in the midst of things: it must not change a registration, close anything or poll.
 *
 * `NODE_DEBUG=evloop` writes each message to standard error, a line for each registration, event and error, in the form of `util.debuglog`. In a worker Node passes
 * these lines on by way of the thread's own loop, so that they come late when the worker blocks in `pollSync`.
 */
export interface DiagnosticMessages {
  /** A source was registered. `registry` is the `poll.registry` of its poll. */
  'evloop:register': RegistrationMessage;
  /** A source was given another token or interest, or asked to be told anew. */
  'evloop:reregister': RegistrationMessage;
  /** A source was deregistered: by `deregister`, its own `close`, or its poll's. */
  'evloop:deregister': {
    readonly registry: Registry;
    readonly source: Source;
    /** `undefined` for a source that delegates to others. */
    readonly token: Token | undefined;
  };
  /** A `poll` or `pollSync` has its answer, also one without events. */
  'evloop:poll': {
    readonly poll: Poll;
    /** To be looked at at once: it is the program's. */
    readonly events: Events;
    /** What `poll.stats()` says. */
    readonly stats: PollStats;
  };
  /**
   * There is an `EvloopError`, or an error of the system, once for each: that a program is about to be thrown, or has taken with `takeError`, or may take. TypeError and RangeError
   * are not among them.
   */
  'evloop:error': { readonly error: Error };
}

/** The message of `evloop:register` and `evloop:reregister`. */
export interface RegistrationMessage {
  readonly registry: Registry;
  readonly source: Source;
  readonly token: Token;
  readonly interest: Interest;
}

/** What core uses of a channel. */
export interface Channel<Message> {
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}

interface Host {
  process?: { getBuiltinModule?(id: string): unknown };
}

const silent = { hasSubscribers: false, publish(): void {} };

// Core imports no Node module: it asks the host.
const module = (globalThis as Host).process?.getBuiltinModule?.('node:diagnostics_channel') as
  | { channel(name: string): Channel<never> }
  | undefined;

function open<Name extends keyof DiagnosticMessages>(
  name: Name,
): Channel<DiagnosticMessages[Name]> {
  return (module?.channel(name) as Channel<DiagnosticMessages[Name]> | undefined) ?? silent;
}

/** The channels, for core. Ask `hasSubscribers` before making a message. */
export const registers: Channel<DiagnosticMessages['evloop:register']> = open('evloop:register');
/** As `registers`. */
export const reregisters: Channel<DiagnosticMessages['evloop:reregister']> =
  open('evloop:reregister');
/** As `registers`. */
export const deregisters: Channel<DiagnosticMessages['evloop:deregister']> =
  open('evloop:deregister');
/** As `registers`. */
export const polls: Channel<DiagnosticMessages['evloop:poll']> = open('evloop:poll');
/** As `registers`. */
export const errors: Channel<DiagnosticMessages['evloop:error']> = open('evloop:error');

/** For backends: tells those who look on of an error that the system has reported, and returns it. To be called once for each. */
export function observed<E extends SystemError>(error: E): E {
  if (errors.hasSubscribers) errors.publish({ error });
  return error;
}

writeTraces();
