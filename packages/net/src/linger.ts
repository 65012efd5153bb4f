import type { Socket } from 'node:net';

/** How long a closed stream waits for a peer that takes nothing of what was written. */
const LINGER_MS = 60_000;

/** Closes a socket when its pending bytes are sent, and keeps the process alive until then. */
export function linger(socket: Socket): void {
  socket.ref();
  socket.setTimeout(LINGER_MS, () => socket.destroy());
  socket.destroySoon();
}
