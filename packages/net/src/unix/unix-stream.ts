import { Socket } from 'node:net';
import type { UnixAddress, UnixStream as UnixStreamContract } from '@evloop/core';
import { captureOrigin, type Origin, unsupportedError } from '@evloop/core/backend';
import { checkSocket, unixSocketState, wrongKind } from '../socket/adopted-fd.ts';
import { SOCKET_OPTIONS } from '../stream/stream-endpoint.ts';
import { StreamSource } from '../stream/stream-source.ts';
import { checkPath } from './unix-path.ts';
import { UnixStreamEndpoint } from './unix-stream-endpoint.ts';

/** A Unix stream over a `net.Socket`. */
export class UnixStream
  extends StreamSource<UnixStreamEndpoint, UnixAddress>
  implements UnixStreamContract
{
  static connect(path: UnixAddress): UnixStream {
    checkPath(path);
    const origin = captureOrigin('UnixStream connected', UnixStream.connect);
    const socket = new Socket(SOCKET_OPTIONS);
    socket.connect({ path });
    return new UnixStream(new UnixStreamEndpoint(socket, origin, { local: '', peer: path }));
  }

  static pair(): never {
    throw unsupportedError('socket pairs are not supported by node:net');
  }

  /**
   * Takes over a connected Unix stream. @throws TypeError: `fd` is something else. `EBADF`: it is
   * closed.
   */
  static fromFd(fd: number): UnixStream {
    const origin = captureOrigin('UnixStream adopted', UnixStream.fromFd);
    return new UnixStream(adopt(fd, origin));
  }

  peerCredentials(): never {
    throw this.#lacks('does not tell the credentials of a peer');
  }

  writeWithFds(_buffer: Uint8Array, _fds: readonly number[]): never {
    throw this.#lacks('passes no descriptors');
  }

  readWithFds(_buffer: Uint8Array, _most?: number): never {
    throw this.#lacks('passes no descriptors');
  }

  #lacks(what: string): Error {
    return this.open && unsupportedError(`node:net ${what}`);
  }
}

function adopt(fd: number, origin: Origin): UnixStreamEndpoint {
  const state = unixSocketState(checkSocket(fd));
  // Node would take any descriptor, and fail later.
  if (state?.connected !== true) throw wrongKind(fd, 'connected Unix stream');
  const socket = new Socket({ ...SOCKET_OPTIONS, fd, readable: true, writable: true });
  return new UnixStreamEndpoint(socket, origin, { local: state.name, peer: '' });
}
