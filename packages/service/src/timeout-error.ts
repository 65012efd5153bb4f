/** The error of a deadline that has passed: its code is `ETIMEDOUT`, as of Node's own timeouts. */
export interface TimeoutError extends Error {
  /** Always `'ETIMEDOUT'`. */
  readonly code: 'ETIMEDOUT';
}

/** Makes a {@link TimeoutError}. */
export function timeoutError(message: string): TimeoutError {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' as const });
}
