/**
 * What a program on a readiness loop needs: a fair loop, deadlines, a server, a way out that
 * queues, relays and connecting by name. It imports no `node:` module.
 *
 * @packageDocumentation
 */
export { Loop } from './loop/loop.ts';
export type { LoopOptions, RunOptions } from './loop/loop-options.ts';
export { Attachment } from './loop/attachment.ts';
export { LoopWaker } from './loop/loop-waker.ts';
export type { Next, Step } from './loop/step.ts';
export type { Clock } from './loop/clock.ts';

export { Deadlines } from './deadlines/deadlines.ts';
export { Deadline } from './deadlines/deadline.ts';

export { Outbox } from './outbox/outbox.ts';
export type { OutboxOptions, Sent } from './outbox/outbox.ts';

export { Server } from './server/server.ts';
export { Connection } from './server/connection.ts';
export type { Handler } from './server/handler.ts';
export type { ServerCounters, ServerLog, ServerOptions } from './server/server-options.ts';
export type { Listener, Stream } from './stream.ts';
export { isSystemError } from './system-error.ts';
export type { TimeoutError } from './timeout-error.ts';

export { onSignals } from './signals.ts';
export type { SignalAction, SignalOptions, SignalSource, SignalTarget } from './signals.ts';

export { relay } from './relay/relay.ts';
export { RelayError } from './relay/relay-error.ts';
export type { RelayCounts, RelayOptions } from './relay/relay-options.ts';

export { connect } from './connect/connect.ts';
export type { ConnectError } from './connect/connect-error.ts';
export type {
  ConnectOptions,
  Lookup,
  LookupAddress,
  Target,
} from './connect/connect-options.ts';

export { Datagrams } from './datagrams/datagrams.ts';
export type { DatagramCounters } from './datagrams/datagrams.ts';
