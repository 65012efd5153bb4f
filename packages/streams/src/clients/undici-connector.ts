import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { Loop } from '@evloop/service';
import { connect } from '@evloop/service/node';
import type { EvloopSocket } from '../socket/evloop-socket.ts';
import { toDuplex } from '../socket/to-duplex.ts';
import { secureConnect } from '../tls/secure-connect.ts';

/** Options of {@link undiciConnector}. */
export interface UndiciConnectorOptions {
  /** Options of TLS, for `https:`. */
  readonly tls?: ConnectionOptions | undefined;
  /** How long connecting may take, in milliseconds. Default: 10000. */
  readonly timeoutMs?: number | undefined;
}

/** What undici asks a connector for. */
export interface UndiciTarget {
  readonly hostname: string;
  readonly port: string;
  readonly protocol: string;
  readonly servername?: string | null | undefined;
}

/** How undici is answered. */
export type UndiciCallback = (
  ...result: [error: null, socket: Socket] | [error: Error, socket: null]
) => void;

/** The `connect` option of undici. */
export type UndiciConnector = (target: UndiciTarget, callback: UndiciCallback) => void;

/**
 * Makes the `connect` option of undici's `Client`, `Pool` and `Agent`. It speaks HTTP/1.1 only.
 *
 * @example
 * ```ts fragment
 * const agent = new Agent({ connect: undiciConnector(loop) });
 * ```
 */
export function undiciConnector(loop: Loop, options: UndiciConnectorOptions = {}): UndiciConnector {
  const { tls, timeoutMs } = options;
  const open = async (target: UndiciTarget): Promise<EvloopSocket | TLSSocket> => {
    const { hostname, protocol } = target;
    const isSecure = protocol === 'https:';
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const port = Number(target.port || (isSecure ? 443 : 80));
    const stream = await connect(
      loop,
      { host, port },
      { timeoutMs, tcp: { socket: { nodelay: true } } },
    );
    if (!isSecure) return toDuplex(stream, loop);
    const servername = target.servername ?? (isIP(host) ? undefined : host);
    return secureConnect(stream, loop, {
      ALPNProtocols: ['http/1.1'],
      ...(servername === undefined ? { host } : { host, servername }),
      ...tls,
    });
  };
  return (target, callback) => {
    open(target).then(
      // undici declares a Socket. What it needs is a Duplex.
      (socket) => callback(null, socket as Duplex as Socket),
      (error: Error) => callback(error, null),
    );
  };
}
