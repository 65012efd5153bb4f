/**
 * The registration that holds each descriptor number: the last one for which the kernel made an
 * entry.
 *
 * A descriptor may be closed before its source, and another file may get its number. The kernel
 * finds an entry by number and open file (epoll_ctl(2)), so the older source would then change or
 * remove the entry of the newer one. If the kernel makes a second entry for a number, the number
 * means another file now.
 */
export class Holders {
  /** By descriptor number: the key of the registration plus 1, or 0. */
  #keys = new Int32Array(64);

  /** Whether any registration holds `fd`. */
  has(fd: number): boolean {
    return fd < this.#keys.length && this.#keys[fd] !== 0;
  }

  /** Whether the registration with this key holds `fd`. */
  is(fd: number, key: number): boolean {
    return this.#keys[fd] === key + 1;
  }

  set(fd: number, key: number): void {
    if (fd >= this.#keys.length) this.#grow(fd + 1);
    this.#keys[fd] = key + 1;
  }

  clear(fd: number): void {
    this.#keys[fd] = 0;
  }

  #grow(least: number): void {
    const larger = new Int32Array(Math.max(least, 2 * this.#keys.length));
    larger.set(this.#keys);
    this.#keys = larger;
  }
}
