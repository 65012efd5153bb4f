const DEFAULT_BACKLOG = 511;

/**
 * For backends: the backlog, Node's default where none was given.
 *
 * @throws RangeError unless it is an integer from 1 to 65535.
 */
export function checkBacklog(backlog: number = DEFAULT_BACKLOG): number {
  if (Number.isInteger(backlog) && backlog >= 1 && backlog <= 65535) return backlog;
  throw new RangeError(`invalid backlog: ${String(backlog)} (expected an integer from 1 to 65535)`);
}
