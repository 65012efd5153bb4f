import type { UnixStream } from '@evloop/core';
import { systemError } from '@evloop/core/backend';
import { MemoryStreamSocket } from './memory-stream-socket.ts';

/** A Unix stream in memory. */
export class MemoryUnixStream extends MemoryStreamSocket<string> implements UnixStream {
  // As in the kernel, the peer's address remains after the peer has closed.
  override peerAddr(): string {
    this.checkOpen();
    if (this.remote === undefined) throw systemError('ENOTCONN', 'getpeername');
    return this.remote;
  }
  peerCredentials(): never {
    return this.#lacks();
  }
  writeWithFds(): never {
    return this.#lacks();
  }
  readWithFds(): never {
    return this.#lacks();
  }
  #lacks(): never {
    return this.refuse('memory has no processes and no descriptors');
  }
}
