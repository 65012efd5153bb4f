import type { Socket } from 'node:net';
import type { SocketAddress, SocketOptionName, SocketOptions } from '@evloop/core';
import { type Origin, systemError } from '@evloop/core/backend';
import { applyOption, applyOptions, STREAM_OPTIONS } from '../socket/socket-options.ts';
import { StreamEndpoint } from '../stream/stream-endpoint.ts';
import { localAddressOf, peerAddressOf } from './socket-address.ts';

/** The endpoint of a TCP stream. */
export class TcpStreamEndpoint extends StreamEndpoint<SocketAddress> {
  #local: SocketAddress | undefined;

  /**
   * @param options the options that the socket has, or will get once it is connected.
   * @param local the address of this end, if it is known: the requested one, or that of all
   *   accepted sockets.
   * @internal
   */
  constructor(socket: Socket, origin: Origin, options: SocketOptions, local?: SocketAddress) {
    super(socket, origin);
    this.optionValues = options;
    this.#local = local;
  }

  override start(): void {
    this.#local ??= localAddressOf(this.socket);
    super.start();
  }

  override onConnect(): void {
    this.#local = localAddressOf(this.socket) ?? this.#local;
    applyOptions(this.socket, this.optionValues);
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

  protected override get optionNames(): readonly SocketOptionName[] {
    return STREAM_OPTIONS;
  }

  protected override optionChanged(name: SocketOptionName): void {
    if (!this.socket.connecting) applyOption(this.socket, name, this.optionValues);
  }

  protected override get resetsOnClose(): boolean {
    return this.optionValues.linger === 0;
  }

  protected override closeWithUnread(): void {
    const { socket } = this;
    // libuv refuses to reset a socket that is being shut down, and Node would then forget the
    // handle.
    if (socket.writableEnded && !socket.writableFinished) socket.destroy();
    else socket.resetAndDestroy();
  }
}
