import type { Server, Socket } from 'node:net';
import type { SocketAddress, SocketOption, SocketOptionName, SocketOptions } from '@evloop/core';
import {
  checkSocketOptionName,
  checkSocketOptionValue,
  type Origin,
  systemError,
  unsupportedError,
} from '@evloop/core/backend';
import { ListenerEndpoint, listen, listenOn } from '../listener/listener-endpoint.ts';
import { checkSocket, unixSocketState, wrongKind } from '../socket/adopted-fd.ts';
import { applyOptions } from '../socket/socket-options.ts';
import { supports } from '../supports.ts';
import { TcpStreamEndpoint } from './tcp-stream-endpoint.ts';

/** Options of {@link TcpListenerEndpoint.bind}, with their defaults applied. */
export interface TcpListenOptions {
  readonly backlog: number;
  readonly ipv6Only: boolean;
  readonly reusePort: boolean;
}

/** The endpoint of a TCP listener. */
export class TcpListenerEndpoint extends ListenerEndpoint<TcpStreamEndpoint, SocketAddress> {
  /** The address of every accepted socket, if it is the same for all. */
  readonly #acceptedLocal: SocketAddress | undefined;

  private constructor(server: Server, origin: Origin, options: SocketOptions = {}) {
    const local = Object.freeze(server.address() as SocketAddress);
    super(server, local, origin);
    this.optionValues = options;
    const wild = local.address === '0.0.0.0' || local.address === '::';
    this.#acceptedLocal = wild ? undefined : local;
  }

  /** Binds and listens. */
  static override async bind(
    local: SocketAddress,
    how: TcpListenOptions,
    socket: SocketOptions,
    origin: Origin,
  ): Promise<TcpListenerEndpoint> {
    const { ipv6Only, reusePort } = how;
    const server = await listen({ host: local.address, port: local.port, ...how });
    return new TcpListenerEndpoint(server, origin, { ...socket, ipv6Only, reusePort });
  }

  /** Takes over a listening descriptor. */
  static async adopt(fd: number, origin: Origin): Promise<TcpListenerEndpoint> {
    if (unixSocketState(checkSocket(fd)) !== undefined) throw wrongKind(fd, 'TCP listener');
    const isIp = (address: unknown) => typeof address === 'object' && address !== null;
    return new TcpListenerEndpoint(await listenOn(fd, 'TCP listener', isIp), origin);
  }

  override option<N extends SocketOptionName>(name: N): SocketOption<N> {
    if (name !== 'ipv6Only') return super.option(name);
    this.#checkIPv6('getsockopt');
    // A socket with a specific address is reached only by that.
    const { address } = this.localAddr();
    const own = address !== '::' && !address.startsWith('::ffff:');
    return (own || (this.optionValues.ipv6Only ?? false)) as SocketOption<N>;
  }

  override setOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void {
    if (name !== 'ipv6Only' && name !== 'reusePort') {
      super.setOption(name, value);
      return;
    }
    checkSocketOptionName(name, this.optionNames);
    checkSocketOptionValue(name, value);
    if (name === 'reusePort')
      throw unsupportedError('reusePort can be set only at bind on node:net');
    this.#checkIPv6('setsockopt');
    throw systemError('EINVAL', 'setsockopt');
  }

  protected override get optionNames(): readonly SocketOptionName[] {
    return supports.tcpListenerOptions;
  }

  /** @internal */
  protected override makeStream(socket: Socket, origin: Origin): TcpStreamEndpoint {
    applyOptions(socket, this.optionValues);
    return new TcpStreamEndpoint(socket, origin, this.optionValues, this.#acceptedLocal);
  }

  #checkIPv6(syscall: string): void {
    if (this.localAddr().family !== 'IPv6') throw systemError('ENOTSUP', syscall);
  }
}
