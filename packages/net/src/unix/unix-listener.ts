import {
  type SystemError,
  type UnixAddress,
  type UnixBindOptions,
  type UnixListener as UnixListenerContract,
  WouldBlock,
} from '@evloop/core';
import { captureOrigin, checkBacklog } from '@evloop/core/backend';
import { NetSource } from '../socket/net-source.ts';
import { UnixListenerEndpoint } from './unix-listener-endpoint.ts';
import { checkPath } from './unix-path.ts';
import { UnixStream } from './unix-stream.ts';

/** A listening Unix socket over a `net.Server`. */
export class UnixListener extends NetSource<UnixListenerEndpoint> implements UnixListenerContract {
  static override async bind(
    path: UnixAddress,
    options: UnixBindOptions = {},
  ): Promise<UnixListener> {
    const origin = captureOrigin('UnixListener bound', UnixListener.bind);
    checkPath(path);
    const backlog = checkBacklog(options.backlog);
    const unlink = options.unlinkOnClose ?? false;
    return new UnixListener(await UnixListenerEndpoint.bind(path, { backlog, unlink }, origin));
  }

  /**
   * Takes over a listening Unix socket.
   *
   * @throws TypeError: `fd` is something else, and may be closed now. `EBADF`: it is closed.
   */
  static async fromFd(fd: number): Promise<UnixListener> {
    const origin = captureOrigin('UnixListener adopted', UnixListener.fromFd);
    return new UnixListener(await UnixListenerEndpoint.adopt(fd, origin));
  }

  accept(): UnixStream | WouldBlock {
    const endpoint = this.open.accept();
    return endpoint === WouldBlock ? WouldBlock : new UnixStream(endpoint);
  }

  localAddr(): UnixAddress {
    return this.open.localAddr();
  }

  takeError(): SystemError | undefined {
    return this.open.takeError();
  }
}
