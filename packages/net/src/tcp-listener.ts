import {
  captureOrigin,
  type SocketAddress,
  type SocketAddressLike,
  type SystemError,
  type TcpBindOptions,
  type TcpListener as TcpListenerContract,
  toSocketAddress,
  unsupportedError,
  WouldBlock,
} from '@evloop/core';
import { Acceptor } from './acceptor.ts';
import { NetSource } from './net-source.ts';
import { TcpStream } from './tcp-stream.ts';

const DEFAULT_BACKLOG = 511;

/** A listening TCP socket over a `net.Server`. */
export class TcpListener extends NetSource<Acceptor> implements TcpListenerContract {
  static override async bind(
    address: SocketAddressLike,
    options: TcpBindOptions = {},
  ): Promise<TcpListener> {
    const origin = captureOrigin('TcpListener bound', TcpListener.bind);
    const local = toSocketAddress(address);
    const { backlog = DEFAULT_BACKLOG, ipv6Only = false, reusePort = false } = options;
    if (reusePort)
      throw unsupportedError('reusePort is not possible on node:net; use another backend');
    if (!Number.isInteger(backlog) || backlog < 1 || backlog > 65535) {
      throw new RangeError(`a backlog is an integer from 1 to 65535, not ${String(backlog)}`);
    }
    return new TcpListener(await Acceptor.listen(local, { backlog, ipv6Only }, origin));
  }

  /** Takes over a listening TCP socket. @throws TypeError when `fd` is something else, which is then closed; `EBADF`. */
  static async fromFd(fd: number): Promise<TcpListener> {
    const origin = captureOrigin('TcpListener adopted', TcpListener.fromFd);
    if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff) {
      throw new RangeError(`a descriptor is an integer from 0 to ${0x7fffffff}, not ${String(fd)}`);
    }
    return new TcpListener(await Acceptor.adopt(fd, origin));
  }

  accept(): TcpStream | WouldBlock {
    const connection = this.open.accept();
    return connection === WouldBlock ? WouldBlock : new TcpStream(connection);
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
    return this.open && unsupportedError('node:net has no access to the hop limit of TCP sockets');
  }
}
