import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Loop, Stream } from '@evloop/service';
import { hasDescriptor, intoSocket } from '../node/into-socket.ts';
import { toDuplex } from '../socket/to-duplex.ts';

const ADDRESSES = [
  'remoteAddress',
  'remotePort',
  'remoteFamily',
  'localAddress',
  'localPort',
  'localFamily',
] as const;

/**
 * What TLS runs on: Node's own socket where there is a descriptor, since TLS over a Duplex writes
 * one record batch in each turn of Node's loop.
 */
export function tlsTransport(stream: Stream, loop: Loop, allowHalfOpen = false): Duplex {
  // TLS answers the end of the peer with its own close_notify, and so needs a side that is open.
  return hasDescriptor(stream)
    ? intoSocket(stream, { allowHalfOpen })
    : toDuplex(stream, loop, { allowHalfOpen: true });
}

/** Gives a TLS socket what it does not take over from a transport that is not a `net.Socket`. */
export function completeTlsSocket(
  socket: TLSSocket,
  transport: Duplex,
  allowHalfOpen = false,
): void {
  if (transport instanceof Socket) return;
  // It has copied the option of the transport. Without the end of its side there is no 'close'.
  socket.allowHalfOpen = allowHalfOpen;
  for (const name of ADDRESSES) {
    const get = () => (transport as Partial<Record<typeof name, unknown>>)[name];
    Object.defineProperty(socket, name, { get, configurable: true });
  }
}
