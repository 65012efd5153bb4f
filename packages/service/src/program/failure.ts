import { getSystemErrorMap } from 'node:util';
import { isSystemError } from '../system-error.ts';

/**
 * A failure that its message explains: the program prints it as one line and ends with exit code 1.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** Returns what went wrong, in words: `address already in use (EADDRINUSE)`. */
export function reason(error: unknown): string {
  if (isSystemError(error)) {
    return `${getSystemErrorMap().get(error.errno)?.[1] ?? error.message} (${error.code})`;
  }
  return error instanceof Error ? error.message : String(error);
}
