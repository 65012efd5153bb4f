import type { SocketAddress, SystemError } from '@evloop/core';
import { check, datagramError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { encodeIpName, familyOf, scratchName } from '../native/sockaddr.ts';
import { getIntOption } from '../native/socket-option.ts';
import { errorAddress } from '../socket/ip-socket.ts';
import { getSocketOption, setSocketOption } from '../socket/socket-options.ts';

const { IPPROTO_IP, IPPROTO_IPV6, IP_MTU, IPV6_MTU, SOCK_DGRAM, EMSGSIZE } = native.constants;

/** The size of the IP and UDP headers in bytes. */
const HEADERS = { IPv4: 28, IPv6: 48 };
/** The most bytes of one datagram: 65,535 less the headers that its length counts. */
const MOST = { IPv4: 65_507, IPv6: 65_527 };

/** Returns the known MTU of the path of a connected socket. @throws `ENOTCONN`. */
export function pathMtu(fd: number, family: SocketAddress['family']): number {
  return family === 'IPv4'
    ? getIntOption(fd, IPPROTO_IP, IP_MTU)
    : getIntOption(fd, IPPROTO_IPV6, IPV6_MTU);
}

/** Returns the error of a send to `to`. An EMSGSIZE has the size that would fit, if known. */
export function sendError(
  fd: number,
  result: number,
  to: SocketAddress | undefined,
  connected: boolean,
): SystemError {
  const error = datagramError(result, 'send', to === undefined ? {} : errorAddress(to));
  if (result !== -EMSGSIZE || to === undefined) return error;
  try {
    return Object.assign(error, { maxSize: fittingSize(fd, to, connected) });
  } catch {
    return error; // Asking needs a descriptor, and there may be none left.
  }
}

function fittingSize(fd: number, to: SocketAddress, connected: boolean): number {
  const carried = to.address.toLowerCase().startsWith('::ffff:') ? 'IPv4' : to.family;
  const discovery = getSocketOption(fd, 'pathMtuDiscovery');
  if (discovery !== 'do' && discovery !== 'probe') return MOST[carried];
  const mtu = connected ? pathMtu(fd, to.family) : mtuTo(fd, to);
  return Math.min(mtu - HEADERS[carried], MOST[carried]);
}

/** The kernel tells the MTU only of connected sockets, so this asks with another socket. */
function mtuTo(fd: number, to: SocketAddress): number {
  const other = check(native.socket(familyOf(to), SOCK_DGRAM, 0), 'socket');
  try {
    const device = getSocketOption(fd, 'bindToDevice');
    if (device !== '') setSocketOption(other, 'bindToDevice', device);
    check(native.connect(other, encodeIpName(to, scratchName)), 'connect');
    return pathMtu(other, to.family);
  } finally {
    native.close(other);
  }
}
