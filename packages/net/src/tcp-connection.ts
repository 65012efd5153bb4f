import type { Socket } from 'node:net';
import type { Origin, SocketAddress } from '@evloop/core';
import { Connection } from './connection.ts';
import { localAddressOf, peerAddressOf } from './socket-address.ts';
import { systemError } from './system-error.ts';

/** The inside of a TCP stream. */
export class TcpConnection extends Connection<SocketAddress> {
  #local: SocketAddress | undefined;

  /** @param local the address of this end, as far as it is known: what was asked for, or what all accepted sockets have. */
  constructor(socket: Socket, origin: Origin, local?: SocketAddress) {
    super(socket, origin);
    this.#local = local;
  }

  override start(): void {
    this.#local ??= localAddressOf(this.socket);
    super.start();
  }

  override onConnect(): void {
    this.#local = localAddressOf(this.socket) ?? this.#local;
    super.onConnect();
  }

  localAddr(): SocketAddress {
    if (this.socket.connecting) this.#local = localAddressOf(this.socket) ?? this.#local;
    return this.#local as SocketAddress;
  }

  peerAddr(): SocketAddress {
    const peer = this.hasPeer ? peerAddressOf(this.socket) : undefined;
    if (peer === undefined) throw systemError('ENOTCONN', 'getpeername');
    return peer;
  }

  setNodelay(on: boolean): void {
    this.socket.setNoDelay(on);
  }

  protected override discard(): void {
    const { socket } = this;
    // libuv refuses to reset what is being shut down, and Node would then forget the handle.
    if (socket.writableEnded && !socket.writableFinished) socket.destroy();
    else socket.resetAndDestroy();
  }
}
