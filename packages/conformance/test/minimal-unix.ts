// Not a reference: the smallest correct Unix sockets that the suite can be tried on, with names in this process's memory.
import type * as core from '@evloop/core';
import * as base from '@evloop/core/backend';
import { MemoryStreamSocket } from './minimal-stream.ts';

/** What a name leads to: a listener, or the file that one has left. */
export type MemoryNames = Map<string, MemoryUnixListener | 'stale'>;

export class MemoryUnixStream extends MemoryStreamSocket<string> implements core.UnixStream {
  // As the system does, it knows whose it was when that is gone.
  override peerAddr(): string {
    this.checkOpen();
    if (this.remote === undefined) throw base.systemError('ENOTCONN', 'getpeername');
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

export class MemoryUnixListener
  extends base.UserSpaceListener<MemoryUnixStream, string>
  implements core.UnixListener
{
  readonly #names: MemoryNames;
  readonly #unlink: boolean;

  constructor(
    readiness: typeof core.Readiness,
    names: MemoryNames,
    path: string,
    options: core.UnixBindOptions = {},
  ) {
    checkPath(path);
    base.checkBacklog(options.backlog);
    if (names.has(path)) throw base.systemError('EADDRINUSE', 'listen', { address: path });
    super(path, readiness);
    this.#names = names;
    this.#unlink = options.unlinkOnClose ?? false;
    names.set(path, this);
  }

  protected release(): void {
    if (this.#unlink) this.#names.delete(this.local);
    else this.#names.set(this.local, 'stale');
  }
}

export function connectUnix(
  Stream: new (readiness: typeof core.Readiness) => MemoryUnixStream,
  readiness: typeof core.Readiness,
  names: MemoryNames,
  path: string,
): MemoryUnixStream {
  checkPath(path);
  const listener = names.get(path);
  if (listener === undefined) throw base.systemError('ENOENT', 'connect', { address: path });
  if (listener === 'stale') throw base.systemError('ECONNREFUSED', 'connect', { address: path });
  const [client, accepted] = [new Stream(readiness), new Stream(readiness)];
  client.link(accepted, '', path);
  accepted.link(client, path, '');
  listener.arrive(accepted);
  return client;
}

function checkPath(path: string): void {
  base.checkUnixAddress(path);
  if (path.startsWith('\0')) throw base.unsupportedError('memory has no abstract names');
}
