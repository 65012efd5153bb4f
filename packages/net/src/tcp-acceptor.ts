import type { Server, Socket } from 'node:net';
import type { Origin, SocketAddress, TcpBindOptions } from '@evloop/core';
import { Acceptor, listen, listenOn } from './acceptor.ts';
import { checkSocket, unixSocketState, wrongKind } from './adopted-fd.ts';
import { TcpConnection } from './tcp-connection.ts';

/** The inside of a TCP listener. */
export class TcpAcceptor extends Acceptor<TcpConnection, SocketAddress> {
  /** The address of every accepted socket, where they are all the same. */
  readonly #acceptedLocal: SocketAddress | undefined;

  private constructor(server: Server, origin: Origin) {
    const local = Object.freeze(server.address() as SocketAddress);
    super(server, local, origin);
    const wild = local.address === '0.0.0.0' || local.address === '::';
    this.#acceptedLocal = wild ? undefined : local;
  }

  /** Binds and listens. */
  static override async bind(
    local: SocketAddress,
    options: TcpBindOptions & { readonly backlog: number },
    origin: Origin,
  ): Promise<TcpAcceptor> {
    const { backlog, ipv6Only = false } = options;
    const server = await listen({ host: local.address, port: local.port, backlog, ipv6Only });
    return new TcpAcceptor(server, origin);
  }

  /** Takes over a descriptor that listens. */
  static async adopt(fd: number, origin: Origin): Promise<TcpAcceptor> {
    if (unixSocketState(checkSocket(fd)) !== undefined) throw wrongKind(fd, 'TCP listener');
    const isIp = (address: unknown) => typeof address === 'object' && address !== null;
    return new TcpAcceptor(await listenOn(fd, 'TCP listener', isIp), origin);
  }

  protected override connection(socket: Socket, origin: Origin): TcpConnection {
    return new TcpConnection(socket, origin, this.#acceptedLocal);
  }
}
