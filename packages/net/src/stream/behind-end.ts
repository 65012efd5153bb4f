import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { SystemError } from '@evloop/core';
import { systemError } from '@evloop/core/backend';

interface SocketWithHandle extends Socket {
  readonly _handle?: { readonly fd?: number } | null;
}

const buffer = Buffer.allocUnsafeSlow(4096);

/**
 * Finds out what is behind the end that Node reports on a socket.
 *
 * If both directions are closed, libuv takes a short read for the end without asking again. Behind
 * it may be a reset, or bytes after urgent ones. No public call asks the kernel once more. Call
 * this only if descriptors are the system's.
 *
 * @param onData gets bytes that came before the end, and may keep them.
 * @returns the error that ended the connection; `undefined` if it is a normal end.
 */
export function lookBehindEnd(
  socket: Socket,
  onData: (bytes: Uint8Array) => void,
): SystemError | undefined {
  const fd = (socket as SocketWithHandle)._handle?.fd;
  if (fd === undefined || fd < 0) return undefined;
  try {
    for (let size = readSync(fd, buffer); size > 0; size = readSync(fd, buffer)) {
      onData(Uint8Array.prototype.slice.call(buffer, 0, size));
    }
    return undefined;
  } catch (error) {
    const { code } = error as SystemError;
    return code === 'EAGAIN' ? undefined : systemError(code, 'read');
  }
}
