import type { SocketAddress, SocketAddressLike } from '../address/address.ts';
import type { ListenerSocket } from './listener-socket.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { SocketOptions } from './socket-options.ts';
import type { TcpStream } from './tcp-stream.ts';

/** Options of {@link TcpListenerConstructor.bind}. */
export interface TcpBindOptions {
  /**
   * How many connections may wait to be accepted: 1 to 65535, 511 where it is left out (Node's
   * default). The system caps it (`net.core.somaxconn`, listen(2)).
   */
  readonly backlog?: number | undefined;
  /** Socket options, set before the address is bound: `reusePort`, `ipv6Only` and others. */
  readonly socket?: SocketOptions | undefined;
}

/** The static side of a backend's `TcpListener`. */
export interface TcpListenerConstructor {
  /**
   * Binds and listens. Sets `SO_REUSEADDR` (not on Windows), so that a server can be restarted at
   * once.
   *
   * Kernel backends return the listener, others a promise of it: `await` serves both, and so do
   * their errors.
   *
   * @throws TypeError or RangeError for an address that is none (names are not looked up); a
   *   {@link SystemError}: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE` …
   */
  bind(address: SocketAddressLike, options?: TcpBindOptions): MaybePromise<TcpListener>;

  /**
   * Takes over a TCP socket that listens already, inherited from a supervisor or another process.
   * It is the listener's from now on, and closed with it.
   *
   * @throws TypeError when `fd` is something else, RangeError when it is no descriptor number;
   *   `EVLOOP_UNSUPPORTED` where `supports.adoptFd` is false; a {@link SystemError}: `EBADF` when
   *   it is closed. Kernel backends leave the descriptor alone when they throw; others may have
   *   closed it.
   */
  fromFd(fd: number): MaybePromise<TcpListener>;
}

/** A TCP socket that accepts connections. Its operations are those of {@link ListenerSocket}. */
export interface TcpListener extends ListenerSocket<TcpStream, SocketAddress> {
  /**
   * The hop limit of accepted connections. `EVLOOP_UNSUPPORTED` where `supports.tcpTtl` is false.
   */
  ttl(): number;

  /**
   * Sets the hop limit: 1 to 255, RangeError otherwise. `EVLOOP_UNSUPPORTED` where
   * `supports.tcpTtl` is false.
   */
  setTtl(hops: number): void;
}
