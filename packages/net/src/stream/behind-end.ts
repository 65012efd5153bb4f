import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { SystemError } from '@evloop/core';
import { systemError } from '@evloop/core/backend';

interface SocketWithHandle extends Socket {
  readonly _handle?: { readonly fd?: number } | null;
}

const buffer = Buffer.allocUnsafeSlow(4096);

/**
 * What is behind the end of a socket that Node tells of: nothing, where the peer has ended its
 * side.
 *
 * Where both directions are over, libuv takes a short read for the end without looking, although a
 * reset may be behind it, or bytes behind urgent ones. Nothing public asks the kernel once more. To
 * be called where descriptors are the system's.
 *
 * @param onData is given bytes that came before the end, and may keep them.
 * @returns why the connection is over; `undefined` where the end is one.
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
