import type { SocketAddress } from '../address/address.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { SocketOptions } from './socket-options.ts';
import type { StreamSocket } from './stream-socket.ts';

/** Options of {@link TcpStreamConstructor.connect}. */
export interface TcpConnectOptions {
  /** The local IP literal to connect from. Default: the system chooses. */
  readonly localAddress?: string | undefined;
  /** The local port. Default: 0, which lets the system choose. */
  readonly localPort?: number | undefined;
  /** Socket options, set before the connection attempt begins: `nodelay`, `keepAlive`, … */
  readonly socket?: SocketOptions | undefined;
}

/** The static side of a backend's `TcpStream`. */
export interface TcpStreamConstructor {
  /**
   * Begins to connect, and returns at once: the stream is **not yet connected**. Register it with
   * at least `WRITABLE`, and call {@link TcpStream.finishConnect} on its events.
   *
   * @throws TypeError or RangeError: the address is invalid (names are not looked up). A {@link
   *   SystemError}: the system refuses at once (`EADDRNOTAVAIL`, `ENETUNREACH`, `EMFILE` …). A
   *   backend may also report it through `finishConnect`.
   */
  connect(
    address: string | Pick<SocketAddress, 'address' | 'port'>,
    options?: TcpConnectOptions,
  ): TcpStream;

  /**
   * Takes over a connected TCP stream.
   *
   * @throws as `TcpListener.fromFd`. TypeError: also if it is not connected.
   */
  fromFd(fd: number): MaybePromise<TcpStream>;
}

/** A TCP connection, connecting or connected. Its operations are those of {@link StreamSocket}. */
export interface TcpStream extends StreamSocket<SocketAddress> {
  /** Returns whether small writes are sent at once. */
  nodelay(): boolean;

  /**
   * Sets whether small writes are sent at once, instead of waiting for more bytes (`TCP_NODELAY`,
   * tcp(7)).
   */
  setNodelay(on: boolean): void;

  /**
   * Returns the hop limit of sent packets. @throws EVLOOP_UNSUPPORTED: `supports.tcpTtl` is false.
   */
  ttl(): number;

  /**
   * Sets the hop limit of sent packets.
   *
   * @throws RangeError: `hops` is not an integer from 1 to 255. EVLOOP_UNSUPPORTED:
   *   `supports.tcpTtl` is false.
   */
  setTtl(hops: number): void;
}
