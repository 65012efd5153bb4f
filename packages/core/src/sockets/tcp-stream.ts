import type { SocketAddress } from '../address/address.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { SocketOptions } from './socket-options.ts';
import type { StreamSocket } from './stream-socket.ts';

/** Options of {@link TcpStreamConstructor.connect}. */
export interface TcpConnectOptions {
  /** The local address to connect from, an IP literal; the system chooses where it is left out. */
  readonly localAddress?: string | undefined;
  /** The local port; 0 or left out: the system chooses. */
  readonly localPort?: number | undefined;
  /** Socket options, set before the connection attempt begins: `nodelay`, `keepAlive`, … */
  readonly socket?: SocketOptions | undefined;
}

/** The static side of a backend's `TcpStream`. */
export interface TcpStreamConstructor {
  /**
   * Begins to connect, and returns at once: the stream is **not yet connected**. Register it with
   * at least `WRITABLE` and call {@link TcpStream.finishConnect} on its events.
   *
   * @throws TypeError or RangeError for an address that is none (names are not looked up); a
   *   {@link SystemError} when the system refuses at once (`EADDRNOTAVAIL`, `ENETUNREACH`, `EMFILE`
   *   …). A backend may also report these through `finishConnect`.
   */
  connect(
    address: string | Pick<SocketAddress, 'address' | 'port'>,
    options?: TcpConnectOptions,
  ): TcpStream;

  /**
   * Takes over a connected TCP stream.
   *
   * @throws as `TcpListener.fromFd`; TypeError also when it is not connected.
   */
  fromFd(fd: number): MaybePromise<TcpStream>;
}

/** A TCP connection, connecting or connected. Its operations are those of {@link StreamSocket}. */
export interface TcpStream extends StreamSocket<SocketAddress> {
  /** Whether small writes are sent at once. */
  nodelay(): boolean;

  /**
   * Sets whether small writes are sent at once, instead of waiting for more (`TCP_NODELAY`,
   * tcp(7)).
   */
  setNodelay(on: boolean): void;

  /** The hop limit of sent packets. `EVLOOP_UNSUPPORTED` where `supports.tcpTtl` is false. */
  ttl(): number;

  /**
   * Sets the hop limit: 1 to 255, RangeError otherwise. `EVLOOP_UNSUPPORTED` where
   * `supports.tcpTtl` is false.
   */
  setTtl(hops: number): void;
}
