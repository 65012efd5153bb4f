import { lstatSync, unlinkSync } from 'node:fs';
import { resolve } from 'node:path';

/** The file of a bound Unix socket. */
export class SocketFile {
  readonly #path: string;
  readonly #identity: string;

  private constructor(path: string, identity: string) {
    this.#path = path;
    this.#identity = identity;
  }

  /**
   * Returns the file at `path`; `undefined` if there is none. Call it as soon as the socket is
   * bound.
   */
  static at(path: string): SocketFile | undefined {
    // A relative path leads elsewhere after the process changes its folder.
    const absolute = resolve(path);
    const identity = identityOf(absolute);
    return identity === undefined ? undefined : new SocketFile(absolute, identity);
  }

  /** Removes the file, unless another socket has been bound there since. */
  remove(): void {
    if (identityOf(this.#path) !== this.#identity) return;
    try {
      unlinkSync(this.#path);
    } catch {
      // The file remains, and the next bind fails with EADDRINUSE.
    }
  }
}

/** Returns the device and inode of a file; `undefined` if there is none. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
