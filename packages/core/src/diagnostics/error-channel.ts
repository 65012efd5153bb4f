import { type Channel, openChannel } from './channel.ts';

/** The message of `evloop:error`. */
export interface ErrorMessage {
  readonly error: Error;
}

/** The channel `evloop:error`. */
export const errors: Channel<ErrorMessage> = openChannel('evloop:error');

/**
 * For backends: publishes an error that the system reported, and returns it. Call it once for each
 * error.
 */
export function observed<E extends Error>(error: E): E {
  if (errors.hasSubscribers) errors.publish({ error });
  return error;
}
