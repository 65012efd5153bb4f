import {
  type SocketAddress,
  type SocketAddressLike,
  type SystemError,
  type TcpBindOptions,
  type TcpListener as TcpListenerContract,
  toSocketAddress,
  WouldBlock,
} from '@evloop/core';
import { captureOrigin, checkBacklog, unsupportedError } from '@evloop/core/backend';
import { NetSource } from '../socket/net-source.ts';
import { checkOptions } from '../socket/socket-options.ts';
import { supports } from '../supports.ts';
import { TcpListenerEndpoint } from './tcp-listener-endpoint.ts';
import { TcpStream } from './tcp-stream.ts';

/** A listening TCP socket over a `net.Server`. */
export class TcpListener extends NetSource<TcpListenerEndpoint> implements TcpListenerContract {
  static override async bind(
    address: SocketAddressLike,
    options: TcpBindOptions = {},
  ): Promise<TcpListener> {
    const origin = captureOrigin('TcpListener bound', TcpListener.bind);
    const local = toSocketAddress(address);
    const backlog = checkBacklog(options.backlog);
    const socket = checkOptions(options.socket, supports.tcpListenerOptions);
    const { ipv6Only = false, reusePort = false } = socket;
    const how = { backlog, ipv6Only, reusePort };
    return new TcpListener(await TcpListenerEndpoint.bind(local, how, socket, origin));
  }

  /**
   * Takes over a listening TCP socket.
   *
   * @throws TypeError: `fd` is something else, and may be closed now. `EBADF`: it is closed.
   */
  static async fromFd(fd: number): Promise<TcpListener> {
    const origin = captureOrigin('TcpListener adopted', TcpListener.fromFd);
    return new TcpListener(await TcpListenerEndpoint.adopt(fd, origin));
  }

  accept(): TcpStream | WouldBlock {
    const endpoint = this.open.accept();
    return endpoint === WouldBlock ? WouldBlock : new TcpStream(endpoint);
  }

  localAddr(): SocketAddress {
    return this.open.localAddr();
  }

  takeError(): SystemError | undefined {
    return this.open.takeError();
  }

  ttl(): never {
    throw this.#noTtl();
  }

  setTtl(_hops: number): never {
    throw this.#noTtl();
  }

  #noTtl(): Error {
    return (
      this.open && unsupportedError('the hop limit of TCP sockets is not supported by node:net')
    );
  }
}
