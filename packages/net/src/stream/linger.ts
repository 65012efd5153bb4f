import type { Socket } from 'node:net';
import { host, type Timer } from '@evloop/core/backend';

/**
 * How long a closed stream waits, at least, for a peer that takes none of the pending bytes. It
 * waits at most twice as long.
 */
const LINGER_MS = 60_000;

interface SocketWithHandle extends Socket {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

/** Closes a socket when its pending bytes are sent, and keeps the process alive until then. */
export function linger(socket: Socket): void {
  socket.ref();
  // Node's own timeout would start again whenever the peer sends, even if the peer takes nothing.
  let before = pending(socket);
  const timer: Timer = host.setInterval(() => {
    const now = pending(socket);
    if (now === before) socket.destroy();
    before = now;
  }, LINGER_MS);
  if (typeof timer === 'object') timer.unref?.();
  socket.once('close', () => host.clearInterval(timer));
  socket.destroySoon();
}

/**
 * Returns the number of pending bytes. Node counts the bytes of a write until all of them are sent.
 * The system's own count is more exact, if Node shows it.
 */
function pending(socket: Socket): number {
  return socket.writableLength + ((socket as SocketWithHandle)._handle?.writeQueueSize ?? 0);
}
