import type { Connection } from './connection.ts';
import type { Bound } from './port-table.ts';

/** A listening socket, as the kernel sees it. */
export interface ListeningSocket extends Bound {
  /** Shares its port with others that ask for it too. */
  readonly reusePort: boolean;
  /** The accept queue takes no more. */
  readonly full: boolean;
  /** Puts a connection into the accept queue. Returns false when it is full or closed. */
  complete(connection: Connection): boolean;
}
