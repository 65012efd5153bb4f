import { lstatSync, mkdtempSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Gives a file another name, if it is there and that is possible, and answers with what gives it
 * back its own.
 */
export function setAside(path: string): () => void {
  let folder: string | undefined;
  try {
    // A folder of its own, so that nothing is in the way.
    folder = mkdtempSync(`${path}.`);
    const aside = join(folder, 'socket');
    renameSync(path, aside);
    const made = folder;
    return () => {
      renameSync(aside, path);
      rmdirSync(made);
    };
  } catch {
    if (folder !== undefined) rmdirSync(folder);
    return () => {};
  }
}

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
