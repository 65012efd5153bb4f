import { type DescriptorRegistration, type Origin, WouldBlock } from '@evloop/core';
import { native } from './native.ts';
import { scratchName } from './sockaddr.ts';
import { checkInteger } from './socket-option.ts';
import { SocketSource } from './socket-source.ts';
import { systemError } from './system-error.ts';

const { EAGAIN, EINTR, EMFILE, ENFILE, ENOBUFS, ENOMEM } = native.constants;

const DEFAULT_BACKLOG = 511;
const EXHAUSTED: ReadonlySet<number> = new Set([EMFILE, ENFILE, ENOBUFS, ENOMEM]);

/** What a listening socket of either family does. */
export abstract class ListenerSocket<Stream> extends SocketSource {
  // One for all, so that accepting captures nothing.
  readonly #accepted: Origin = { toString: () => `a connection accepted by the ${this.origin}` };

  /** The checked backlog: Node's default where none was given. */
  static backlog(backlog: number = DEFAULT_BACKLOG): number {
    return checkInteger('a backlog', backlog, 1, 65535);
  }

  protected acceptOne(stream: new (fd: number, origin: Origin) => Stream): Stream | WouldBlock {
    const fd = this.openFd();
    for (;;) {
      const accepted = native.accept4(fd, scratchName);
      if (accepted >= 0) return new stream(accepted, this.#accepted);
      if (accepted === -EAGAIN) return WouldBlock;
      if (accepted === -EINTR) continue;
      // Free descriptors are no edge: the connections that wait would wait until the next one comes.
      if (EXHAUSTED.has(-accepted)) this.registration.retry();
      throw systemError(accepted, 'accept');
    }
  }

  protected override createRegistration(fd: number): DescriptorRegistration {
    return this.plainRegistration(fd);
  }
}
