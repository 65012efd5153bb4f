import type { SocketAddress } from '@evloop/core';
import type { Connection } from './connection.ts';
import type { Bound } from './port-table.ts';

/** A listening socket, as the kernel sees it. */
export interface ListeningSocket extends Bound {
  readonly local: SocketAddress;
  /** The accept queue takes no more. */
  readonly full: boolean;
  /** Puts a connection into the accept queue. Returns false when it is full or closed. */
  complete(connection: Connection): boolean;
}
