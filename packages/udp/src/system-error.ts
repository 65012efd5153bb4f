import type { SystemError } from '@evloop/core';
import { observed, systemError } from '@evloop/core/backend';

/** Returns an error that `node:dgram` threw or emitted as a system error. */
export function toSystemError(thrown: unknown): unknown {
  // Only buffer sizes fail with a code of Node's own, which wraps the system's.
  const { code, info } = thrown as { code?: unknown; info?: { code: string; syscall: string } };
  if (code === 'ERR_SOCKET_BUFFER_SIZE' && info !== undefined) {
    return systemError(info.code, info.syscall);
  }
  return typeof (thrown as Partial<SystemError>).syscall === 'string'
    ? observed(thrown as SystemError)
    : thrown;
}
