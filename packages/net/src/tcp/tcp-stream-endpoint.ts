import type { Socket } from 'node:net';
import type { SocketAddress, SocketOptionName, SocketOptions } from '@evloop/core';
import { type Origin, systemError } from '@evloop/core/backend';
import { applyOption, applyOptions, STREAM_OPTIONS } from '../socket/socket-options.ts';
import { StreamEndpoint } from '../stream/stream-endpoint.ts';
import { localAddressOf, peerAddressOf } from './socket-address.ts';

/** The inside of a TCP stream. */
export class TcpStreamEndpoint extends StreamEndpoint<SocketAddress> {
  #local: SocketAddress | undefined;

  /**
   * @param options what the socket has already, or, as far as the system only then takes it, is to
   *   have when it is connected.
   * @param local the address of this end, as far as it is known: what was asked for, or what all
   *   accepted sockets have.
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
    // libuv refuses to reset what is being shut down, and Node would then forget the handle.
    if (socket.writableEnded && !socket.writableFinished) socket.destroy();
    else socket.resetAndDestroy();
  }
}
