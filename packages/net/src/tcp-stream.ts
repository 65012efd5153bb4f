import { Socket } from 'node:net';
import {
  captureOrigin,
  type SocketAddress,
  type SocketAddressLike,
  type TcpConnectOptions,
  type TcpStream as TcpStreamContract,
  toSocketAddress,
  unsupportedError,
} from '@evloop/core';
import { SOCKET_OPTIONS } from './connection.ts';
import { StreamSource } from './stream-source.ts';
import { TcpConnection } from './tcp-connection.ts';

/** A TCP connection over a `net.Socket`. */
export class TcpStream
  extends StreamSource<TcpConnection, SocketAddress>
  implements TcpStreamContract
{
  #nodelay: boolean;

  /** For `TcpListener`; programs call `connect`. */
  constructor(connection: TcpConnection, nodelay = false) {
    super(connection);
    this.#nodelay = nodelay;
  }

  static connect(address: SocketAddressLike, options: TcpConnectOptions = {}): TcpStream {
    const remote = toSocketAddress(address);
    const local = localOf(remote, options);
    const nodelay = options.nodelay ?? false;
    const socket = new Socket(SOCKET_OPTIONS);
    if (nodelay) socket.setNoDelay(true);
    socket.connect({ host: remote.address, port: remote.port, ...bindingOf(local, options) });
    const origin = captureOrigin('TcpStream connected', TcpStream.connect);
    return new TcpStream(new TcpConnection(socket, origin, local), nodelay);
  }

  nodelay(): boolean {
    return this.open && this.#nodelay;
  }

  setNodelay(on: boolean): void {
    this.open.setNodelay(on);
    this.#nodelay = Boolean(on);
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

/** The local address that was asked for, checked; a wildcard where none was. */
function localOf(remote: SocketAddress, options: TcpConnectOptions): SocketAddress {
  const { family } = remote;
  const { localAddress = family === 'IPv4' ? '0.0.0.0' : '::', localPort = 0 } = options;
  return toSocketAddress({ address: localAddress, port: localPort, family });
}

/** What Node is asked to bind to: nothing, unless the program did. */
function bindingOf(
  local: SocketAddress,
  { localAddress, localPort = 0 }: TcpConnectOptions,
): { localAddress?: string; localPort?: number } {
  if (localAddress === undefined && localPort === 0) return {};
  return { localAddress: local.address, localPort: local.port };
}
