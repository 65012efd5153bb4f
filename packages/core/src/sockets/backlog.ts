const DEFAULT_BACKLOG = 511;

/**
 * For backends: returns the backlog, or Node's default if it is `undefined`.
 *
 * @throws RangeError: `backlog` is not an integer from 1 to 65535.
 */
export function checkBacklog(backlog: number = DEFAULT_BACKLOG): number {
  if (Number.isInteger(backlog) && backlog >= 1 && backlog <= 65535) return backlog;
  throw new RangeError(`invalid backlog: ${String(backlog)} (expected an integer from 1 to 65535)`);
}
