import type { UnixAddress } from '@evloop/core';
import { checkUnixAddress, unsupportedError } from '@evloop/core/backend';
import { supports } from '../supports.ts';

/** What `sun_path` of `struct sockaddr_un` holds. libuv cuts what is longer. */
const SIZE = process.platform === 'linux' ? 108 : 104;

/**
 * Checks the path of a Unix socket.
 *
 * @throws TypeError or RangeError when it is none; `EVLOOP_UNSUPPORTED` for a name that Node would
 *   change.
 */
export function checkPath(path: UnixAddress): void {
  checkUnixAddress(path, SIZE);
  if (!supports.unixStreams) throw unsupportedError(NO_UNIX);
  if (!path.startsWith('\0') || supports.abstractNames) return;
  throw unsupportedError('abstract names are supported only on Linux with Node 22 or later');
}

const NO_UNIX =
  'Node has no Unix sockets on Windows, only named pipes, which cannot be half-closed';
