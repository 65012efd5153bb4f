import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Loop, Stream } from '@evloop/service';
import { HANDSHAKE_MS, handshake } from './handshake.ts';
import { completeTlsSocket, tlsTransport } from './tls-transport.ts';
import { whenConnected } from './when-connected.ts';

/** Options of {@link secureConnect}: those of `tls.connect`. */
export interface SecureConnectOptions extends Omit<ConnectionOptions, 'socket'> {
  /** How long the handshake may take, in milliseconds. Default: 120000. */
  readonly handshakeTimeout?: number | undefined;
}

/**
 * Begins TLS on a stream, which is connecting or connected, registered nowhere, and belongs to the
 * TLS socket from now on. On a backend with descriptors TLS runs on Node's own socket.
 *
 * `servername` must be given to check the certificate of the server against its name.
 *
 * @returns the socket after the handshake. Rejects with the error of the connection, of the
 * handshake or of the certificate; with `ERR_TLS_HANDSHAKE_TIMEOUT`.
 */
export async function secureConnect(
  stream: Stream,
  loop: Loop,
  options: SecureConnectOptions = {},
): Promise<TLSSocket> {
  const { handshakeTimeout = HANDSHAKE_MS, ...rest } = options;
  await whenConnected(stream, loop);
  const transport = tlsTransport(stream, loop);
  const socket = connect({ ...rest, socket: transport });
  completeTlsSocket(socket, transport);
  return handshake(socket, loop, handshakeTimeout);
}
