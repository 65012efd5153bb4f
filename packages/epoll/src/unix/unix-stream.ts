import type {
  Credentials,
  SocketOptionName,
  SystemError,
  UnixAddress,
  UnixStream as UnixStreamContract,
  WithFds,
  WouldBlock,
} from '@evloop/core';
import { captureOrigin } from '@evloop/core/backend';
import { adoptStream } from '../descriptor/adopted-fd.ts';
import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { encodeUnixName, scratchName } from '../native/sockaddr.ts';
import { OPTION_NAMES } from '../socket/option-names.ts';
import { StreamSocket } from '../socket/stream-socket.ts';
import { receiveWithFds, sendWithFds } from './fd-passing.ts';
import { localUnixAddress, openUnixPair, openUnixSocket, peerUnixAddress } from './unix-socket.ts';

const { SOCK_STREAM, SOL_SOCKET, SO_PEERCRED } = native.constants;

/** A Unix stream on a kernel descriptor. */
export class UnixStream extends StreamSocket implements UnixStreamContract {
  static connect(path: UnixAddress): UnixStream {
    const origin = captureOrigin('UnixStream connected', UnixStream.connect);
    const fd = openUnixSocket(SOCK_STREAM, (fd) => {
      check(native.connect(fd, encodeUnixName(path, scratchName)), 'connect', { address: path });
    });
    return new UnixStream(fd, origin);
  }

  static pair(): [UnixStream, UnixStream] {
    const origin = captureOrigin('UnixStream paired', UnixStream.pair);
    const [near, far] = openUnixPair(SOCK_STREAM);
    return [new UnixStream(near, origin), new UnixStream(far, origin)];
  }

  /**
   * Takes over a connected Unix stream.
   *
   * @throws TypeError: `fd` is something else, or not connected. `EBADF`: it is closed.
   */
  static fromFd(fd: number): UnixStream {
    const adopted = adoptStream(fd, 'Unix stream');
    return new UnixStream(adopted, captureOrigin('UnixStream adopted', UnixStream.fromFd));
  }

  // connect(2) of a Unix stream has succeeded or failed when it returns.
  finishConnect(): true | WouldBlock {
    this.openFd();
    return true;
  }

  protected override get optionNames(): readonly SocketOptionName[] {
    return OPTION_NAMES.unix;
  }

  localAddr(): UnixAddress {
    return localUnixAddress(this.openFd());
  }

  peerAddr(): UnixAddress {
    return peerUnixAddress(this.openFd());
  }

  takeError(): SystemError | undefined {
    return this.takeSocketError('read');
  }

  peerCredentials(): Credentials {
    const ucred = new Int32Array(3);
    const bytes = new Uint8Array(ucred.buffer);
    check(native.getsockopt(this.openFd(), SOL_SOCKET, SO_PEERCRED, bytes), 'getsockopt');
    const [pid = 0, uid = 0, gid = 0] = ucred;
    return { pid, uid, gid };
  }

  writeWithFds(buffer: Uint8Array, fds: readonly number[]): number | WouldBlock {
    return sendWithFds(this, buffer, fds);
  }

  readWithFds(buffer: Uint8Array, most = 253): WithFds | WouldBlock {
    return receiveWithFds(this, buffer, most);
  }

  // A read also ends where descriptors or other credentials begin, so a short one is not a drain.
  protected override relies(): boolean {
    return false;
  }
}
