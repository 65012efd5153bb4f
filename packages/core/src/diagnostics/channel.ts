import { writeTraces } from './trace.ts';

/** What core uses of a channel of `node:diagnostics_channel`. */
export interface Channel<Message> {
  /** Ask this before making a message. */
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

/** Opens the channel of that name. Where the host has none, nobody can subscribe to it. */
export function openChannel<Message>(name: string): Channel<Message> {
  return (module?.channel(name) as Channel<Message> | undefined) ?? silent;
}

writeTraces();
