import type { SystemError } from '@evloop/core';

/** Whether the operating system reported `error`: it names a system call. */
export function isSystemError(error: unknown): error is SystemError {
  return typeof (error as Partial<SystemError> | null | undefined)?.syscall === 'string';
}
