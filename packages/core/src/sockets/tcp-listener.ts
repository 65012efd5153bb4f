import type { SocketAddress, SocketAddressLike } from '../address/address.ts';
import type { ListenerSocket } from './listener-socket.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { SocketOptions } from './socket-options.ts';
import type { TcpStream } from './tcp-stream.ts';

/** Options of {@link TcpListenerConstructor.bind}. */
export interface TcpBindOptions {
  /**
   * How many connections may wait to be accepted: 1 to 65535. Default: 511, as in Node. The system
   * limits it (`net.core.somaxconn`, listen(2)).
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
   * Kernel backends return the listener; other backends return a promise of it. `await` works for
   * both, and so do the errors.
   *
   * @throws TypeError or RangeError: the address is invalid (names are not looked up). A {@link
   *   SystemError}: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE` …
   */
  bind(address: SocketAddressLike, options?: TcpBindOptions): MaybePromise<TcpListener>;

  /**
   * Takes over a listening TCP socket that was inherited from a supervisor or another process. The
   * listener owns the descriptor from now on, and closes it.
   *
   * @throws TypeError: `fd` is something else. RangeError: it is not a descriptor number.
   *   EVLOOP_UNSUPPORTED: `supports.adoptFd` is false. `EBADF`: it is closed. After an error,
   *   kernel backends leave the descriptor open; other backends may have closed it.
   */
  fromFd(fd: number): MaybePromise<TcpListener>;
}

/** A TCP socket that accepts connections. Its operations are those of {@link ListenerSocket}. */
export interface TcpListener extends ListenerSocket<TcpStream, SocketAddress> {
  /**
   * Returns the hop limit of accepted connections. @throws EVLOOP_UNSUPPORTED: `supports.tcpTtl` is
   * false.
   */
  ttl(): number;

  /**
   * Sets the hop limit of accepted connections.
   *
   * @throws RangeError: `hops` is not an integer from 1 to 255. EVLOOP_UNSUPPORTED:
   *   `supports.tcpTtl` is false.
   */
  setTtl(hops: number): void;
}
