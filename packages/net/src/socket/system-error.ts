import type { SystemError } from '@evloop/core';
import { asNodeCounts } from '@evloop/core/backend';

/** The same failure, met by another system call. */
export function restate(error: SystemError, syscall: string): SystemError {
  const { code, errno } = error;
  if (error.syscall === syscall) return error;
  return asNodeCounts(Object.assign(new Error(`${syscall} ${code}`), { code, errno, syscall }));
}
