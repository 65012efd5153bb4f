import type { TLSSocket } from 'node:tls';
import type { Loop } from '@evloop/service';
import { nodeError } from '../socket/node-error.ts';

/** How long a handshake may take, in milliseconds: the default of `tls.Server`. */
export const HANDSHAKE_MS = 120_000;

/**
 * Resolves with `socket` when its handshake is done. A handshake that fails or takes too long
 * destroys the socket.
 */
export function handshake(socket: TLSSocket, loop: Loop, ms: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const deadline = loop.deadlines.in(ms, () => {
      socket.destroy(nodeError('ERR_TLS_HANDSHAKE_TIMEOUT', 'TLS handshake timeout'));
    });
    const settle = () => {
      deadline.cancel();
      socket.off('secureConnect', onSecure).off('error', onError).off('close', onClose);
    };
    const onSecure = () => {
      settle();
      resolve(socket);
    };
    const onError = (error: Error) => {
      settle();
      // It may fail again while it is destroyed.
      socket.on('error', () => {}).destroy();
      reject(error);
    };
    const onClose = () => onError(nodeError('ECONNRESET', 'the peer ended the TLS handshake'));
    socket.on('secureConnect', onSecure).on('error', onError).on('close', onClose);
  });
}
