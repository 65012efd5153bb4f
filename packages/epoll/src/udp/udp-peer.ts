import type { SocketAddress } from '@evloop/core';
import { check, checkDatagram } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { encodeIpName, newName, scratchName } from '../native/sockaddr.ts';
import { errorAddress, localAddress, peerAddress } from '../socket/ip-socket.ts';
import { getSocketOption, setSocketOption } from '../socket/socket-options.ts';

/** A peer, and the state of the socket before it had one. */
export interface Peer {
  readonly address: SocketAddress;
  /** The device that the socket was bound to. */
  readonly device: string;
}

/**
 * Connects to `to`.
 *
 * The kernel binds a socket to the device of a link-local peer, before it knows whether it can
 * connect. It unbinds it from any device when it is disconnected. So the former device is kept
 * here.
 *
 * @param before the present peer. It stays if this throws.
 */
export function connectPeer(fd: number, to: SocketAddress, before: Peer | undefined): Peer {
  const device = before?.device ?? getSocketOption(fd, 'bindToDevice');
  const result = native.connect(fd, encodeIpName(to, scratchName, fd));
  if (result < 0 && to.address.includes('%')) {
    disconnectPeer(fd, device);
    if (before !== undefined) {
      check(native.connect(fd, encodeIpName(before.address, scratchName, fd)), 'connect');
    }
  }
  checkDatagram(result, 'connect', errorAddress(to));
  return { address: peerAddress(fd), device };
}

/** Removes the peer, and restores the port and the device of the socket. */
export function disconnectPeer(fd: number, device: string): void {
  const { port } = localAddress(fd);
  check(native.connect(fd, unspecified), 'disconnect');
  if (device !== '') setSocketOption(fd, 'bindToDevice', device);
  // The kernel gives up a port that it chose itself, and an unspecified address: udp(7). Bind the
  // port again.
  const now = localAddress(fd);
  if (now.port === port) return;
  const local = { ...now, port };
  checkDatagram(native.bind(fd, encodeIpName(local, scratchName, fd)), 'bind', errorAddress(local));
}

/** The name that removes the peer: connect(2). */
const unspecified = newName();
new Uint32Array(unspecified.buffer)[0] = 16;
new Uint16Array(unspecified.buffer)[2] = native.constants.AF_UNSPEC;
