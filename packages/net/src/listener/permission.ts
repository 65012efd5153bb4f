import { constants } from 'node:os';
import type { SystemError } from '@evloop/core';
import { observed } from '@evloop/core/backend';

interface Permission {
  has(scope: string): boolean;
}

/**
 * Checks that Node may listen. Under `--permission` without `--allow-net`, Node 26 throws from a
 * callback of its own, where no program can catch the error.
 *
 * @throws ERR_ACCESS_DENIED: the permission model denies it.
 */
export function checkMayListen(address: string | undefined, port: number | undefined): void {
  const { permission } = process as { permission?: Permission };
  if (permission === undefined || permission.has('net')) return;
  // Before Node 25 the model has no such scope, and `has` returns false.
  if (!process.allowedNodeEnvironmentFlags.has('--allow-net')) return;
  const code = 'ERR_ACCESS_DENIED';
  const why = 'Access to this API has been restricted. Use --allow-net to manage permissions.';
  const error = new Error(`listen ${code} ${why}`);
  const errno = -constants.errno.EACCES;
  const shape = { code, errno, syscall: 'listen', address, port };
  throw observed(Object.assign(error, shape) as SystemError);
}
