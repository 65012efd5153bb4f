import type { SystemError } from '@evloop/core';
import { asNodeCounts } from '@evloop/core/backend';

/** Returns the same failure with another system call in it. */
export function restate(error: SystemError, syscall: string): SystemError {
  const { code, errno } = error;
  if (error.syscall === syscall) return error;
  return asNodeCounts(Object.assign(new Error(`${syscall} ${code}`), { code, errno, syscall }));
}
