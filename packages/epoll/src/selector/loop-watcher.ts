import { watch } from '../native/binding.ts';
import type { Handle } from '../native/cork-binding.ts';
import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';

/**
 * Calls back from the host's loop when an epoll descriptor, which can itself be polled, has
 * something to report. With it, `poll` waits without blocking the thread.
 */
export interface LoopWatcher {
  /** Arranges for a callback, and keeps the process alive until then, unless unreferenced. */
  arm(): void;
  /** Cancels the callback. */
  disarm(): void;
  ref(): void;
  unref(): void;
  /** Call it before the epoll descriptor is closed. */
  close(): void;
}

/** Makes the watcher for this runtime: libuv on Node, a thread elsewhere. */
export function watchLoop(epfd: number, onReadable: () => void): LoopWatcher {
  return watch === undefined
    ? new ThreadWatcher(epfd, onReadable)
    : new UvWatcher(epfd, onReadable);
}

/**
 * One `uv_poll_t` that stays active from poll to poll. A program that polls again within the
 * callback's microtasks makes no system call here. The native part stops it when it fires while no
 * poll is parked.
 */
class UvWatcher implements LoopWatcher {
  readonly #flag = new Int32Array(1);
  readonly #handle: Handle;
  readonly #watch = watch as NonNullable<typeof watch>;
  #referenced = true;
  #held = true;
  #calling = false;

  constructor(epfd: number, onReadable: () => void) {
    const callback = (): void => {
      this.#flag[0] = 0;
      this.#calling = true;
      try {
        onReadable();
      } finally {
        this.#calling = false;
      }
    };
    this.#handle = check(this.#watch.create(epfd, this.#flag, callback), 'uv_poll_init');
  }

  arm(): void {
    this.#flag[0] = 1;
    this.#hold(this.#referenced);
    check(this.#watch.start(this.#handle), 'uv_poll_start');
  }

  // Stopping costs system calls; leaving it active costs none. In the callback, neither is needed:
  // the native part stops it afterwards, unless it is armed again.
  disarm(): void {
    this.#flag[0] = 0;
    if (!this.#calling) this.#hold(false);
  }

  // A watcher that is not armed may still be active, until the descriptor's next report.
  ref(): void {
    this.#referenced = true;
    if (this.#flag[0] === 1) this.#hold(true);
  }

  unref(): void {
    this.#referenced = false;
    this.#hold(false);
  }

  close(): void {
    this.#watch.close(this.#handle);
  }

  #hold(held: boolean): void {
    if (this.#held === held) return;
    this.#held = held;
    if (held) this.#watch.ref(this.#handle);
    else this.#watch.unref(this.#handle);
  }
}

/** A thread that waits on the descriptor when armed, for runtimes whose libuv cannot be called. */
class ThreadWatcher implements LoopWatcher {
  readonly #handle: Handle;
  #armed = false;
  #referenced = true;

  constructor(epfd: number, onReadable: () => void) {
    const callback = (): void => {
      if (!this.#armed) return;
      this.disarm();
      onReadable();
    };
    this.#handle = check(native.threadWaitCreate(epfd, callback), 'pthread_create');
    native.threadWaitUnref(this.#handle);
  }

  arm(): void {
    this.#armed = true;
    if (this.#referenced) native.threadWaitRef(this.#handle);
    check(native.threadWaitArm(this.#handle), 'write');
  }

  disarm(): void {
    this.#armed = false;
    native.threadWaitUnref(this.#handle);
  }

  ref(): void {
    this.#referenced = true;
    if (this.#armed) native.threadWaitRef(this.#handle);
  }

  unref(): void {
    this.#referenced = false;
    native.threadWaitUnref(this.#handle);
  }

  close(): void {
    native.threadWaitClose(this.#handle);
  }
}
