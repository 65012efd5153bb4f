import type { Readiness, UnixBindOptions, UnixListener } from '@evloop/core';
import {
  checkBacklog,
  checkUnixAddress,
  systemError,
  UserSpaceListener,
  unsupportedError,
} from '@evloop/core/backend';
import type { MemoryUnixStream } from './memory-unix-stream.ts';

/** What a name refers to: a listener, or the file that a closed one has left. */
export type MemoryNames = Map<string, MemoryUnixListener | 'stale'>;

/** A Unix listener in memory, under a path that no file has. */
export class MemoryUnixListener
  extends UserSpaceListener<MemoryUnixStream, string>
  implements UnixListener
{
  readonly #names: MemoryNames;
  readonly #unlink: boolean;

  constructor(
    readiness: typeof Readiness,
    names: MemoryNames,
    path: string,
    options: UnixBindOptions = {},
  ) {
    checkPath(path);
    checkBacklog(options.backlog);
    if (names.has(path)) throw systemError('EADDRINUSE', 'listen', { address: path });
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

/** Connects a stream to the listener at `path`, at once. */
export function connectUnix(
  Stream: new (readiness: typeof Readiness) => MemoryUnixStream,
  readiness: typeof Readiness,
  names: MemoryNames,
  path: string,
): MemoryUnixStream {
  checkPath(path);
  const listener = names.get(path);
  if (listener === undefined) throw systemError('ENOENT', 'connect', { address: path });
  if (listener === 'stale') throw systemError('ECONNREFUSED', 'connect', { address: path });
  const [client, accepted] = [new Stream(readiness), new Stream(readiness)];
  client.link(accepted, '', path);
  accepted.link(client, path, '');
  listener.arrive(accepted);
  return client;
}

function checkPath(path: string): void {
  checkUnixAddress(path);
  if (path.startsWith('\0')) throw unsupportedError('memory has no abstract names');
}
