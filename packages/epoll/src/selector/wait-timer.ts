import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';

const { EMFILE, ENFILE, ENOMEM } = native.constants;

/** Below this an `epoll_wait` with a timeout is as good: the timer would be set for each wait. */
const SHORTEST_MS = 1;

/** The kernel counts seconds in 32 bits here, and a longer wait is made again. */
const LONGEST_MS = 2 ** 31 * 1000 - 1000;

/**
 * Ends waits that have a time limit, by a timerfd(2) in the epoll set.
 *
 * An `epoll_wait` with a timeout starts a timer in the kernel and cancels it, for each wait. Most
 * waits end long before their limit, and the next limit is later. So this timer stays set, and is
 * set anew only for an earlier limit or after it has fired. A wait may therefore end without an
 * event before its time is up, which `BlockingSelector.wait` allows.
 */
export class WaitTimer {
  readonly #add: (fd: number) => void;
  readonly #now: () => number;
  #fd = -1;
  #firesAt = Infinity;

  /**
   * @param add puts the timer into the epoll set, edge-triggered.
   * @param now the clock of the limits, in milliseconds.
   */
  constructor(add: (fd: number) => void, now: () => number) {
    this.#add = add;
    this.#now = now;
  }

  /** Makes a wait end within `limitMs`. @returns the timeout for `epoll_wait`: -1 for none. */
  limit(limitMs: number): number {
    if (limitMs < SHORTEST_MS || (this.#fd < 0 && !this.#open())) return Math.ceil(limitMs);
    const bounded = Math.min(limitMs, LONGEST_MS);
    const firesAt = this.#now() + bounded;
    if (firesAt < this.#firesAt) {
      const seconds = Math.floor(bounded / 1000);
      const nanoseconds = Math.min(Math.ceil((bounded - seconds * 1000) * 1e6), 999_999_999);
      check(native.timerfdSettime(this.#fd, seconds, nanoseconds), 'timerfd_settime');
      this.#firesAt = firesAt;
    }
    return -1;
  }

  /** The epoll set reported the timer. */
  fired(): void {
    this.#firesAt = Infinity;
  }

  close(): void {
    if (this.#fd >= 0) native.close(this.#fd);
    this.#fd = -1;
  }

  /** @returns false if there is no descriptor for it: waits then have timeouts of their own. */
  #open(): boolean {
    const fd = native.timerfdCreate();
    if (fd === -EMFILE || fd === -ENFILE || fd === -ENOMEM) return false;
    this.#fd = check(fd, 'timerfd_create');
    try {
      this.#add(fd);
    } catch (error) {
      this.close();
      throw error;
    }
    return true;
  }
}
