import type { UnixAddress } from '@evloop/core';
import { checkUnixAddress, unsupportedError } from '@evloop/core/backend';
import { supports } from '../supports.ts';

/** The size of `sun_path` of `struct sockaddr_un`. libuv cuts longer paths. */
const SIZE = process.platform === 'linux' ? 108 : 104;

/**
 * Checks the path of a Unix socket.
 *
 * @throws TypeError or RangeError: the path is invalid. EVLOOP_UNSUPPORTED: this system has no Unix
 *   sockets, or Node would change the name.
 */
export function checkPath(path: UnixAddress): void {
  checkUnixAddress(path, SIZE);
  if (!supports.unixStreams) throw unsupportedError(NO_UNIX);
  if (!path.startsWith('\0') || supports.abstractNames) return;
  throw unsupportedError('abstract names are supported only on Linux with Node 22 or later');
}

const NO_UNIX =
  'Node has no Unix sockets on Windows, only named pipes, which cannot be half-closed';
