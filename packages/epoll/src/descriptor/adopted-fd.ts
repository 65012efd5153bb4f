import { constants } from 'node:fs';
import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { scratchName } from '../native/sockaddr.ts';
import { checkInteger, getIntOption } from '../native/socket-option.ts';

const { F_GETFL, F_SETFL, F_GETFD, F_SETFD, FD_CLOEXEC, O_NONBLOCK } = native.constants;
const { SOL_SOCKET, SO_DOMAIN, SO_TYPE, SO_ACCEPTCONN, IPPROTO_UDP } = native.constants;
/** From socket(7). UDP-Lite, for one, has sockets of the same type. */
const SO_PROTOCOL = 38;
const { AF_INET, AF_INET6, AF_UNIX, SOCK_STREAM, SOCK_DGRAM, ENOTCONN, ENOTSOCK } =
  native.constants;
const { O_RDWR, O_WRONLY } = constants;

/** The kinds of socket that a descriptor can be adopted as. */
export type SocketKind =
  | 'TCP listener'
  | 'TCP stream'
  | 'UDP socket'
  | 'Unix listener'
  | 'Unix stream'
  | 'Unix datagram socket';

/**
 * Prepares an inherited or received descriptor for a source: non-blocking, and not inherited by
 * children.
 *
 * @throws `EBADF`: it is closed. RangeError: `fd` is not a descriptor number.
 */
function adopt(fd: number): number {
  checkInteger('descriptor', fd, 0, 0x7fffffff);
  const flags = check(native.fcntl(fd, F_GETFL, 0), 'fcntl');
  if ((flags & O_NONBLOCK) === 0) {
    check(native.fcntl(fd, F_SETFL, flags | O_NONBLOCK), 'fcntl');
  }
  const closing = check(native.fcntl(fd, F_GETFD, 0), 'fcntl');
  check(native.fcntl(fd, F_SETFD, closing | FD_CLOEXEC), 'fcntl');
  check(native.own(fd), 'fcntl');
  return fd;
}

/**
 * As `adopt`, for a descriptor that is read or written like a pipe.
 *
 * @throws TypeError: it was not opened for that. Nothing has changed then.
 */
export function adoptEnd(fd: number, use: 'read' | 'write'): number {
  checkInteger('descriptor', fd, 0, 0x7fffffff);
  const access = check(native.fcntl(fd, F_GETFL, 0), 'fcntl') & (O_WRONLY | O_RDWR);
  if (access !== O_RDWR && (access === O_WRONLY) !== (use === 'write')) {
    throw new TypeError(`descriptor ${fd} was not opened to ${use}`);
  }
  return adopt(fd);
}

/**
 * As `adoptSocket`, for a stream.
 *
 * @throws TypeError: also if it is not connected.
 */
export function adoptStream(fd: number, wanted: 'TCP stream' | 'Unix stream'): number {
  checkKind(fd, wanted);
  const result = native.getpeername(fd, scratchName);
  if (result === -ENOTCONN)
    throw new TypeError(`descriptor ${fd} is a ${wanted} that is not connected`);
  check(result, 'getpeername');
  return adopt(fd);
}

/**
 * As `adopt`, for a socket of one kind.
 *
 * @throws TypeError: it is another kind of socket, or not a socket. Nothing has changed then.
 */
export function adoptSocket(fd: number, wanted: SocketKind): number {
  checkKind(fd, wanted);
  return adopt(fd);
}

function checkKind(fd: number, wanted: SocketKind): void {
  checkInteger('descriptor', fd, 0, 0x7fffffff);
  const found = socketKind(fd);
  if (found === wanted) return;
  throw new TypeError(
    `invalid descriptor: ${fd} (expected a ${wanted}, found ${found ?? 'no socket'})`,
  );
}

/**
 * Returns the kind of a descriptor's socket; `undefined` if it is not a socket, or of another
 * family.
 *
 * @throws `EBADF`: it is closed.
 */
export function socketKind(fd: number): SocketKind | undefined {
  if (native.getsockopt(fd, SOL_SOCKET, SO_TYPE, new Uint8Array(4)) === -ENOTSOCK) return undefined;
  const type = getIntOption(fd, SOL_SOCKET, SO_TYPE);
  const domain = getIntOption(fd, SOL_SOCKET, SO_DOMAIN);
  const unix = domain === AF_UNIX;
  if (!unix && domain !== AF_INET && domain !== AF_INET6) return undefined;
  if (type === SOCK_DGRAM) {
    if (unix) return 'Unix datagram socket';
    return getIntOption(fd, SOL_SOCKET, SO_PROTOCOL) === IPPROTO_UDP ? 'UDP socket' : undefined;
  }
  if (type !== SOCK_STREAM) return undefined;
  const listening = getIntOption(fd, SOL_SOCKET, SO_ACCEPTCONN) !== 0;
  if (unix) return listening ? 'Unix listener' : 'Unix stream';
  return listening ? 'TCP listener' : 'TCP stream';
}
