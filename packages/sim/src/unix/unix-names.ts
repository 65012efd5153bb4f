import type { SimUnixListener } from './unix-listener.ts';

/**
 * The names of Unix sockets on one host. Files survive the process that made them, and so does the
 * disk when the power is cut. Abstract names end with their listener.
 */
export class UnixNames {
  readonly #names = new Map<string, SimUnixListener | 'file'>();

  find(name: string): SimUnixListener | 'file' | undefined {
    return this.#names.get(name);
  }

  add(name: string, listener: SimUnixListener): void {
    this.#names.set(name, listener);
  }

  /** The listener was closed. */
  leave(name: string, unlink: boolean): void {
    if (unlink || name.startsWith('\0')) this.#names.delete(name);
    else this.#names.set(name, 'file');
  }

  /** Removes a file, as unlink(2). Returns whether there was one. */
  unlink(name: string): boolean {
    return this.#names.delete(name);
  }
}
