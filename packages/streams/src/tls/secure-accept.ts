import type { Duplex } from 'node:stream';
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Loop, Stream } from '@evloop/service';
import { nodeError } from '../socket/node-error.ts';
import { completeTlsSocket, tlsTransport } from './tls-transport.ts';

/** Options of {@link secureAccept}: those of `tls.createServer`. */
export type SecureAcceptOptions = TlsOptions;

/**
 * What stands for Node's server is made once for each options object: it holds certificate and
 * tickets.
 */
const servers = new WeakMap<SecureAcceptOptions, Server>();

/**
 * Accepts TLS on a connection that was accepted, which is registered nowhere and belongs to the TLS
 * socket from now on. On a backend with descriptors TLS runs on Node's own socket.
 *
 * Certificates of clients are checked as `tls.Server` does, with `requestCert` and
 * `rejectUnauthorized`. Pass the same `options` object for all connections: it is read once.
 *
 * With `allowHalfOpen` the socket stays writable when the peer has ended its side.
 *
 * @returns the socket after the handshake. Rejects with the error of the handshake, or of the
 * connection; with `ERR_TLS_HANDSHAKE_TIMEOUT` after `handshakeTimeout` milliseconds, 120000 by
 * default.
 */
export async function secureAccept(
  stream: Stream,
  loop: Loop,
  options: SecureAcceptOptions,
): Promise<TLSSocket> {
  const server = serverOf(options);
  const transport = tlsTransport(stream, loop, options.allowHalfOpen);
  const socket = await acceptedBy(server, transport);
  completeTlsSocket(socket, transport, options.allowHalfOpen);
  return socket;
}

function serverOf(options: SecureAcceptOptions): Server {
  const known = servers.get(options);
  if (known !== undefined) return known;
  const made = createServer(options);
  servers.set(options, made);
  return made;
}

/**
 * Lets `server` accept one connection. It is given a view of the server whose events are those of
 * that connection alone.
 */
function acceptedBy(server: Server, transport: Duplex): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // Over a Duplex that stays half open, Node would wait for the rest of the handshake.
    const onEnd = () => {
      transport.destroy();
      reject(nodeError('ECONNRESET', 'the peer ended the TLS handshake'));
    };
    transport.once('end', onEnd);
    const emit = (event: string, ...args: unknown[]): boolean => {
      if (event === 'secureConnection') {
        transport.off('end', onEnd);
        resolve(args[0] as TLSSocket);
      } else if (event === 'tlsClientError') {
        (args[1] as TLSSocket).destroy();
        reject(args[0]);
      } else {
        return server.emit(event, ...args);
      }
      return true;
    };
    const view: Server = Object.create(server, { emit: { value: emit } });
    for (const listener of server.listeners('connection')) listener.call(view, transport);
  });
}
