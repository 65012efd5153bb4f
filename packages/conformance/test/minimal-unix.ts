// Not a reference: the smallest correct Unix sockets that the suite can be tried on, with names in this process's memory.
import * as core from '@evloop/core';
import { MemoryStreamSocket } from './minimal-stream.ts';

/** What a name leads to: a listener, or the file that one has left. */
export type MemoryNames = Map<string, MemoryUnixListener | 'stale'>;

export class MemoryUnixStream extends MemoryStreamSocket<string> implements core.UnixStream {
  // As the system does, it knows whose it was when that is gone.
  override peerAddr(): string {
    this.checkOpen();
    if (this.remote === undefined) throw core.systemError('ENOTCONN', 'getpeername');
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
  extends core.UserSpaceListener<MemoryUnixStream, string>
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
    core.checkBacklog(options.backlog);
    if (names.has(path)) throw core.systemError('EADDRINUSE', 'listen', { address: path });
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
  if (listener === undefined) throw core.systemError('ENOENT', 'connect', { address: path });
  if (listener === 'stale') throw core.systemError('ECONNREFUSED', 'connect', { address: path });
  const [client, accepted] = [new Stream(readiness), new Stream(readiness)];
  client.link(accepted, '', path);
  accepted.link(client, path, '');
  listener.arrive(accepted);
  return client;
}

function checkPath(path: string): void {
  core.checkUnixAddress(path);
  if (path.startsWith('\0')) throw core.unsupportedError('memory has no abstract names');
}
