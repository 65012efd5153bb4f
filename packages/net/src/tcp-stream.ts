import { Socket } from 'node:net';
import {
  captureOrigin,
  checkRange,
  checkReadRange,
  type SocketAddress,
  type SocketAddressLike,
  type SystemError,
  type TcpConnectOptions,
  type TcpStream as TcpStreamContract,
  toSocketAddress,
  unsupportedError,
  WouldBlock,
} from '@evloop/core';
import { Connection, SOCKET_OPTIONS } from './connection.ts';
import { NetSource } from './net-source.ts';

/** A TCP connection over a `net.Socket`. */
export class TcpStream extends NetSource<Connection> implements TcpStreamContract {
  #nodelay: boolean;

  /** For `TcpListener`; programs call `connect`. */
  constructor(connection: Connection, nodelay = false) {
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
    return new TcpStream(new Connection(socket, origin, local), nodelay);
  }

  finishConnect(): true | WouldBlock {
    return this.open.finishConnect();
  }

  read(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const connection = this.open;
    return connection.read(buffer, offset, checkReadRange(buffer, offset, length));
  }

  peek(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const connection = this.open;
    return connection.peek(buffer, offset, checkReadRange(buffer, offset, length));
  }

  write(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const connection = this.open;
    return connection.write(buffer, offset, checkRange(buffer, offset, length));
  }

  readv(buffers: readonly Uint8Array[]): number | WouldBlock {
    const connection = this.open;
    if (totalSize(buffers) === 0) checkReadRange(new Uint8Array(0), 0, 0);
    let total = 0;
    for (const buffer of buffers) {
      if (buffer.byteLength === 0) continue;
      // After the first buffer only what is there is taken: an end or an error belongs to the next call.
      if (total > 0 && !connection.unread) break;
      const size = connection.read(buffer, 0, buffer.byteLength);
      if (size === WouldBlock || size === 0) return size;
      total += size;
      if (size < buffer.byteLength) break;
    }
    return total;
  }

  writev(buffers: readonly Uint8Array[]): number | WouldBlock {
    const connection = this.open;
    if (totalSize(buffers) === 0) return connection.write(new Uint8Array(0), 0, 0);
    let total = 0;
    for (const buffer of buffers) {
      if (buffer.byteLength === 0) continue;
      const size = connection.write(buffer, 0, buffer.byteLength);
      if (size === WouldBlock) return total === 0 ? WouldBlock : total;
      total += size;
      if (size < buffer.byteLength) break;
    }
    return total;
  }

  shutdown(how: 'read' | 'write' | 'both'): void {
    const connection = this.open;
    if (how !== 'read' && how !== 'write' && how !== 'both') {
      throw new TypeError(`how is 'read', 'write' or 'both', not ${String(how)}`);
    }
    connection.shutdown(how);
  }

  localAddr(): SocketAddress {
    return this.open.localAddr();
  }

  peerAddr(): SocketAddress {
    return this.open.peerAddr();
  }

  takeError(): SystemError | undefined {
    return this.open.takeError();
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

/** The number of bytes in all, each buffer checked. */
function totalSize(buffers: readonly Uint8Array[]): number {
  let total = 0;
  for (const buffer of buffers) total += checkRange(buffer, 0, undefined);
  return total;
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
