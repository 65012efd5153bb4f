import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { decodeUnixName, scratchName } from '../native/sockaddr.ts';

const { AF_UNIX } = native.constants;

/** Makes a Unix socket, and passes it to `prepare`. Closes it again if that throws. */
export function openUnixSocket(type: number, prepare: (fd: number) => void): number {
  const fd = check(native.socket(AF_UNIX, type, 0), 'socket');
  try {
    prepare(fd);
  } catch (error) {
    native.close(fd);
    throw error;
  }
  return fd;
}

/** Makes two Unix sockets that are connected to each other. */
export function openUnixPair(type: number): [number, number] {
  const out = new Int32Array(2);
  check(native.socketpair(AF_UNIX, type, 0, out), 'socketpair');
  return [out[0] as number, out[1] as number];
}

/** Returns the name of a Unix socket. */
export function localUnixAddress(fd: number): string {
  check(native.getsockname(fd, scratchName), 'getsockname');
  return decodeUnixName(scratchName);
}

/** Returns the name of a Unix socket's peer. @throws `ENOTCONN`: it is not connected. */
export function peerUnixAddress(fd: number): string {
  check(native.getpeername(fd, scratchName), 'getpeername');
  return decodeUnixName(scratchName);
}
