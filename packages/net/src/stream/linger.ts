import type { Socket } from 'node:net';
import { host, type Timer } from '@evloop/core/backend';

/**
 * How long a closed stream waits, at the least, for a peer that takes nothing of what was written.
 * Twice that at the most.
 */
const LINGER_MS = 60_000;

interface SocketWithHandle extends Socket {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

/** Closes a socket when its pending bytes are sent, and keeps the process alive until then. */
export function linger(socket: Socket): void {
  socket.ref();
  // Node's own timeout would be put off by a peer that sends, although it takes nothing.
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
 * The bytes that wait. Node counts those of a write until all are gone; where it shows it, the
 * system's own count is more exact.
 */
function pending(socket: Socket): number {
  return socket.writableLength + ((socket as SocketWithHandle)._handle?.writeQueueSize ?? 0);
}
