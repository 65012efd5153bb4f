import type { Socket } from 'node:net';
import type { SocketAddress } from '@evloop/core';

/** Returns the address of this end; `undefined` once the handle is gone. */
export function localAddressOf(socket: Socket): SocketAddress | undefined {
  return toAddress(socket.localAddress, socket.localPort, socket.localFamily);
}

/** Returns the address of the other end; `undefined` if there is none. */
export function peerAddressOf(socket: Socket): SocketAddress | undefined {
  return toAddress(socket.remoteAddress, socket.remotePort, socket.remoteFamily);
}

function toAddress(address?: string, port?: number, family?: string): SocketAddress | undefined {
  if (address === undefined || port === undefined) return undefined;
  return { address, port, family: family as SocketAddress['family'] };
}
