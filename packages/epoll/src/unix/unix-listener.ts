import type {
  SocketOptionName,
  SystemError,
  UnixAddress,
  UnixBindOptions,
  UnixListener as UnixListenerContract,
  WouldBlock,
} from '@evloop/core';
import { captureOrigin, checkBacklog, type Origin } from '@evloop/core/backend';
import { adoptSocket } from '../descriptor/adopted-fd.ts';
import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { encodeUnixName, scratchName } from '../native/sockaddr.ts';
import { ListenerSocket } from '../socket/listener-socket.ts';
import { OPTION_NAMES } from '../socket/option-names.ts';
import { SocketFile } from './socket-file.ts';
import { localUnixAddress, openUnixSocket } from './unix-socket.ts';
import { UnixStream } from './unix-stream.ts';

const { SOCK_STREAM } = native.constants;

/** A listening Unix socket on a kernel descriptor. */
export class UnixListener extends ListenerSocket<UnixStream> implements UnixListenerContract {
  /** The file that closing removes. */
  #file: SocketFile | undefined;

  private constructor(fd: number, origin: Origin, file?: SocketFile) {
    super(fd, origin);
    this.#file = file;
  }

  static override bind(path: UnixAddress, options: UnixBindOptions = {}): UnixListener {
    const backlog = checkBacklog(options.backlog);
    const { unlinkOnClose = false } = options;
    const origin = captureOrigin('UnixListener bound', UnixListener.bind);
    let file: SocketFile | undefined;
    const fd = openUnixSocket(SOCK_STREAM, (fd) => {
      const at = { address: path };
      check(native.bind(fd, encodeUnixName(path, scratchName)), 'listen', at);
      if (unlinkOnClose && !path.startsWith('\0')) file = SocketFile.at(path);
      check(native.listen(fd, backlog), 'listen', at);
    });
    return new UnixListener(fd, origin, file);
  }

  /**
   * Takes over a listening Unix socket. @throws TypeError: `fd` is something else. `EBADF`: it is
   * closed.
   */
  static fromFd(fd: number): UnixListener {
    const adopted = adoptSocket(fd, 'Unix listener');
    return new UnixListener(adopted, captureOrigin('UnixListener adopted', UnixListener.fromFd));
  }

  accept(): UnixStream | WouldBlock {
    return this.acceptOne(UnixStream);
  }

  protected override get optionNames(): readonly SocketOptionName[] {
    return OPTION_NAMES.unix;
  }

  localAddr(): UnixAddress {
    return localUnixAddress(this.openFd());
  }

  takeError(): SystemError | undefined {
    return this.takeSocketError('accept');
  }

  /** As in every source. The file belongs to the descriptor: it is not removed. */
  override intoFd(): number {
    const fd = super.intoFd();
    this.#file = undefined;
    return fd;
  }

  override close(): void {
    super.close();
    this.#file?.remove();
    this.#file = undefined;
  }
}
