// Not a reference: the smallest correct Unix sockets that the suite can be tried on, with names in this process's memory.
import * as core from '@evloop/core';
import { MemorySocket, MemoryStreamSocket, systemError } from './minimal-stream.ts';

/** What a name leads to: a listener, or the file that one has left. */
export type MemoryNames = Map<string, MemoryUnixListener | 'stale'>;

export class MemoryUnixStream extends MemoryStreamSocket<string> implements core.UnixStream {
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
    this.checkOpen();
    throw core.unsupportedError('memory has no processes and no descriptors');
  }
}

export class MemoryUnixListener extends MemorySocket implements core.UnixListener {
  readonly queue: MemoryUnixStream[] = [];
  readonly #names: MemoryNames;
  readonly #path: string;
  readonly #unlink: boolean;

  constructor(
    readiness: typeof core.Readiness,
    names: MemoryNames,
    path: string,
    options: core.UnixBindOptions = {},
  ) {
    core.checkUnixAddress(path);
    if (path.startsWith('\0')) throw core.unsupportedError('memory has no abstract names');
    const { backlog = 511, unlinkOnClose = false } = options;
    if (!Number.isInteger(backlog) || backlog < 1 || backlog > 65535) {
      throw new RangeError('a backlog is an integer from 1 to 65535');
    }
    if (names.has(path)) throw systemError('EADDRINUSE', 'listen', path);
    super(readiness);
    this.#names = names;
    this.#path = path;
    this.#unlink = unlinkOnClose;
    names.set(path, this);
  }

  accept(): MemoryUnixStream | core.WouldBlock {
    this.checkOpen();
    const stream = this.queue.shift();
    if (stream !== undefined) return stream;
    this.readiness.clear(core.Ready.READABLE);
    return core.WouldBlock;
  }

  localAddr(): string {
    this.checkOpen();
    return this.#path;
  }

  takeError(): undefined {
    this.checkOpen();
  }

  close(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    if (this.#unlink) this.#names.delete(this.#path);
    else this.#names.set(this.#path, 'stale');
    for (const stream of this.queue) stream.reset();
  }
}

export function connectUnix(
  Stream: new (readiness: typeof core.Readiness) => MemoryUnixStream,
  readiness: typeof core.Readiness,
  names: MemoryNames,
  path: string,
): MemoryUnixStream {
  core.checkUnixAddress(path);
  if (path.startsWith('\0')) throw core.unsupportedError('memory has no abstract names');
  const listener = names.get(path);
  if (listener === undefined) throw systemError('ENOENT', 'connect', path);
  if (listener === 'stale') throw systemError('ECONNREFUSED', 'connect', path);
  const [client, accepted] = [new Stream(readiness), new Stream(readiness)];
  client.link(accepted, '', path);
  accepted.link(client, path, '');
  listener.queue.push(accepted);
  listener.readiness.set(core.Ready.READABLE);
  return client;
}
