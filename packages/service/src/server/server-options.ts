import type { OutboxOptions } from '../outbox/outbox.ts';

/** Hears what happens to the connections of a server. Without one, no name is made. */
export interface ServerLog {
  /** A connection was accepted. `name`: its address. */
  accepted?(name: string): void;
  /** It was closed. `error`: why, unless it ended in order. */
  closed?(name: string, error?: Error): void;
  /** Accepting fails, which the server survives. Told once for each code of an error. */
  cannotAccept?(error: Error): void;
}

/** Options of {@link Server}. */
export interface ServerOptions {
  /** How many connections are accepted before the others have their turn. Default: 64. */
  readonly acceptPerTurn?: number | undefined;
  /** The most connections at a time. Default: no limit but that of descriptors. */
  readonly maxConnections?: number | undefined;
  /**
   * What happens to clients beyond `maxConnections`. Default: `'pause'`.
   *
   * - `'pause'`: the server stops accepting. Clients wait in the kernel's queue until one leaves.
   * - `'close'`: the server accepts and closes them at once, so that they can try elsewhere.
   */
  readonly overload?: 'pause' | 'close' | undefined;
  /**
   * Closes a connection that had nothing to do for this long, in milliseconds: nothing arrived, and
   * the peer took nothing of what is queued. Default: never.
   */
  readonly idleTimeout?: number | undefined;
  /** Closes a connection this long after it was accepted, in milliseconds. Default: never. */
  readonly deadline?: number | undefined;
  /** Hears what happens. */
  readonly log?: ServerLog | undefined;
  /** Options of each connection's outbox. */
  readonly outbox?: OutboxOptions | undefined;
}

/** What has become of the connections of a server, counted since it was made. */
export interface ServerCounters {
  /** Connections that were accepted and handed to `open`. */
  accepted: number;
  /** Connections that were closed at once, since there were too many. */
  refused: number;
  /** How often accepting was paused, since there were too many. */
  paused: number;
  /** Connections that were gone before they could be accepted. */
  aborted: number;
  /** How often no descriptor was left to accept one with. */
  exhausted: number;
  /** Connections that a system error has closed. */
  failed: number;
  /** Connections that `idleTimeout` or `deadline` has closed. */
  timedOut: number;
}
