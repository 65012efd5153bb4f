import type { UnixStream } from '@evloop/core';
import { systemError } from '@evloop/core/backend';
import { MemoryStreamSocket } from './memory-stream-socket.ts';

/** A Unix stream in memory. */
export class MemoryUnixStream extends MemoryStreamSocket<string> implements UnixStream {
  // As the system does, it knows whose it was when that is gone.
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
