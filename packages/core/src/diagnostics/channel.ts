import { writeTraces } from './trace.ts';

/** The part of a channel of `node:diagnostics_channel` that core uses. */
export interface Channel<Message> {
  /** Whether a message would reach anyone. Check it before making a message. */
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}

interface Host {
  process?: { getBuiltinModule?(id: string): unknown };
}

const silent = { hasSubscribers: false, publish(): void {} };

// Core imports no Node module, so it asks the host.
const module = (globalThis as Host).process?.getBuiltinModule?.('node:diagnostics_channel') as
  | { channel(name: string): Channel<never> }
  | undefined;

/** Opens the channel `name`. On a host without channels, the result never has subscribers. */
export function openChannel<Message>(name: string): Channel<Message> {
  return (module?.channel(name) as Channel<Message> | undefined) ?? silent;
}

writeTraces();
