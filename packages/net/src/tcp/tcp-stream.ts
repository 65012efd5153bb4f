import { Socket } from 'node:net';
import {
  type SocketAddress,
  type SocketAddressLike,
  type TcpConnectOptions,
  type TcpStream as TcpStreamContract,
  toSocketAddress,
} from '@evloop/core';
import { captureOrigin, unsupportedError } from '@evloop/core/backend';
import { checkSocket, unixSocketState, wrongKind } from '../socket/adopted-fd.ts';
import { applyOptions, checkOptions, STREAM_OPTIONS } from '../socket/socket-options.ts';
import { SOCKET_OPTIONS } from '../stream/stream-endpoint.ts';
import { StreamSource } from '../stream/stream-source.ts';
import { localAddressOf, peerAddressOf } from './socket-address.ts';
import { TcpStreamEndpoint } from './tcp-stream-endpoint.ts';

/** A TCP connection over a `net.Socket`. */
export class TcpStream
  extends StreamSource<TcpStreamEndpoint, SocketAddress>
  implements TcpStreamContract
{
  static connect(address: SocketAddressLike, options: TcpConnectOptions = {}): TcpStream {
    const remote = toSocketAddress(address);
    const local = localOf(remote, options);
    const values = checkOptions(options.socket, STREAM_OPTIONS);
    const origin = captureOrigin('TcpStream connected', TcpStream.connect);
    const socket = new Socket(SOCKET_OPTIONS);
    applyOptions(socket, values);
    socket.connect({ host: remote.address, port: remote.port, ...bindingOf(local, options) });
    return new TcpStream(new TcpStreamEndpoint(socket, origin, values, local));
  }

  /**
   * Takes over a connected TCP stream.
   *
   * @throws TypeError: `fd` is something else, and may be closed now. `EBADF`: it is closed.
   */
  static fromFd(fd: number): TcpStream {
    const origin = captureOrigin('TcpStream adopted', TcpStream.fromFd);
    const socket = adopt(fd);
    return new TcpStream(new TcpStreamEndpoint(socket, origin, {}, localAddressOf(socket)));
  }

  nodelay(): boolean {
    return this.open.option('nodelay');
  }

  setNodelay(on: boolean): void {
    this.open.setOption('nodelay', Boolean(on));
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

function adopt(fd: number): Socket {
  if (unixSocketState(checkSocket(fd)) !== undefined) throw wrongKind(fd, 'TCP stream');
  let socket: Socket;
  try {
    socket = new Socket({ ...SOCKET_OPTIONS, fd, readable: true, writable: true });
  } catch (error) {
    throw wrongKind(fd, 'TCP stream', error);
  }
  if (peerAddressOf(socket) !== undefined) return socket;
  // Node cannot give the descriptor back.
  socket.on('error', () => {}).destroy();
  throw wrongKind(fd, 'connected TCP stream');
}

/** Returns the requested local address, checked; a wildcard address by default. */
function localOf(remote: SocketAddress, options: TcpConnectOptions): SocketAddress {
  const { family } = remote;
  const { localAddress = family === 'IPv4' ? '0.0.0.0' : '::', localPort = 0 } = options;
  return toSocketAddress({ address: localAddress, port: localPort, family });
}

/** Returns what Node is asked to bind to: nothing, unless the program asked for it. */
function bindingOf(
  local: SocketAddress,
  { localAddress, localPort = 0 }: TcpConnectOptions,
): { localAddress?: string; localPort?: number } {
  if (localAddress === undefined && localPort === 0) return {};
  return { localAddress: local.address, localPort: local.port };
}
