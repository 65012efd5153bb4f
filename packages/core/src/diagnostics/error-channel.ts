import { type Channel, openChannel } from './channel.ts';

/** The message of `evloop:error`. */
export interface ErrorMessage {
  readonly error: Error;
}

/** The channel `evloop:error`. */
export const errors: Channel<ErrorMessage> = openChannel('evloop:error');

let quiet = false;

/** Publishes an error, unless it is thrown within {@link quietly}. */
export function publishError(error: Error): void {
  if (errors.hasSubscribers && !quiet) errors.publish({ error });
}

/** Runs something whose errors are caught and are nobody's concern: none is published. */
export function quietly<T>(run: () => T): T {
  const before = quiet;
  quiet = true;
  try {
    return run();
  } finally {
    quiet = before;
  }
}

/**
 * For backends: publishes an error that the system reported, and returns it. Call it once for each
 * error.
 */
export function observed<E extends Error>(error: E): E {
  publishError(error);
  return error;
}
