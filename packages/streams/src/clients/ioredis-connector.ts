import type { Duplex } from 'node:stream';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { Loop } from '@evloop/service';
import { connect } from '@evloop/service/node';
import { connectSocket } from '../socket/connect-socket.ts';
import type { EvloopSocket } from '../socket/evloop-socket.ts';
import { secureConnect } from '../tls/secure-connect.ts';

/** The options of ioredis that its connector looks at. */
export interface IoredisOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly tls?: ConnectionOptions | undefined;
}

/** What ioredis asks of a connector. */
export interface IoredisConnector {
  /** Connects. */
  connect(): Promise<EvloopSocket | TLSSocket>;
  /** Ends the connection, or the attempt to make it. */
  disconnect(): void;
  /** Whether the server of that role will do. */
  check(info: unknown): boolean;
}

/**
 * Makes the `Connector` option of ioredis. Its type there is a class with private members, which
 * no other class fits, so TypeScript needs `as never`.
 *
 * @example
 * ```ts fragment
 * const redis = new Redis({ host: 'localhost', Connector: ioredisConnector(loop) as never });
 * ```
 */
export function ioredisConnector(loop: Loop): new (options: IoredisOptions) => IoredisConnector {
  return class implements IoredisConnector {
    readonly #options: IoredisOptions;
    #socket: Duplex | undefined = undefined;
    #abort = new AbortController();

    constructor(options: IoredisOptions) {
      this.#options = options;
    }

    async connect(): Promise<EvloopSocket | TLSSocket> {
      this.#abort = new AbortController();
      const { host = 'localhost', port = 6379, path, tls } = this.#options;
      const socket =
        tls === undefined
          ? connectSocket(loop, path === undefined ? { host, port } : { path })
          : await this.#secure(host, port, tls);
      this.#socket = socket;
      return socket;
    }

    disconnect(): void {
      this.#abort.abort(new Error('Connection is closed.'));
      this.#socket?.end();
      this.#socket = undefined;
    }

    check(): boolean {
      return true;
    }

    async #secure(host: string, port: number, tls: ConnectionOptions): Promise<TLSSocket> {
      const stream = await connect(loop, { host, port }, { signal: this.#abort.signal });
      return secureConnect(stream, loop, { servername: host, ...tls });
    }
  };
}
