import type { SystemError } from '@evloop/core';
import { systemError } from '@evloop/core/backend';
import type { AttemptTarget } from './attempt.ts';

/**
 * The error of several attempts: `errors` has one for each, and `code` is that of the first, or
 * `ETIMEDOUT`.
 */
export interface ConnectError extends AggregateError {
  readonly code: string | undefined;
}

/**
 * The error of a connection that came to nothing: that of the only attempt, or one that names all.
 *
 * @param code the code, where it is not that of the first error.
 */
export function connectError(target: string, errors: readonly Error[], code?: string): Error {
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  const reasons = errors.map((error) => error.message).join('; ');
  return Object.assign(new AggregateError(errors, `cannot connect to ${target}: ${reasons}`), {
    code: code ?? (first as { code?: string } | undefined)?.code,
  });
}

/** The error of an attempt that was under way when the time was up. */
export function attemptTimeout(target: AttemptTarget): SystemError {
  return systemError('ETIMEDOUT', 'connect', target);
}
