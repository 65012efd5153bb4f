import { lstatSync, unlinkSync } from 'node:fs';
import { resolve } from 'node:path';

/** The file that binding a Unix socket has made. */
export class SocketFile {
  readonly #path: string;
  readonly #identity: string;

  private constructor(path: string, identity: string) {
    this.#path = path;
    this.#identity = identity;
  }

  /**
   * The file at `path`, to be called as soon as the socket is bound. `undefined` where there is
   * none.
   */
  static at(path: string): SocketFile | undefined {
    // A relative path leads elsewhere once the process has changed its folder.
    const absolute = resolve(path);
    const identity = identityOf(absolute);
    return identity === undefined ? undefined : new SocketFile(absolute, identity);
  }

  /** Removes the file. A file that another socket has bound there since stays. */
  remove(): void {
    if (identityOf(this.#path) !== this.#identity) return;
    try {
      unlinkSync(this.#path);
    } catch {
      // The file stays in the way of the next bind, which reports it.
    }
  }
}

/** Device and inode of a file; `undefined` where there is none. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
