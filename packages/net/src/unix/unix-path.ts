import type { UnixAddress } from '@evloop/core';
import { checkUnixAddress, unsupportedError } from '@evloop/core/backend';
import { supports } from '../supports.ts';

/** What `sun_path` of `struct sockaddr_un` holds. libuv cuts what is longer. On Windows a name may have 256 characters. */
const SIZES: Partial<Record<NodeJS.Platform, number>> = { linux: 108, win32: 257 };
const SIZE = SIZES[process.platform] ?? 104;

/** Checks the path of a Unix socket. @throws TypeError or RangeError when it is none; `EVLOOP_UNSUPPORTED` for a name that Node would change. */
export function checkPath(path: UnixAddress): void {
  checkUnixAddress(path, SIZE);
  if (!path.startsWith('\0') || supports.abstractNames) return;
  throw unsupportedError('this Node has no abstract names: it needs Linux, and 22 or later');
}
