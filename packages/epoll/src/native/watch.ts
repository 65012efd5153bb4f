import type { Handle } from './cork-binding.ts';

/**
 * Waiting with Node: an epoll descriptor watched by libuv, in the loop of the thread that calls.
 *
 * JavaScript keeps `flag[0]` at 1 while a poll is parked and at 0 otherwise. When the descriptor is
 * readable and the flag 1, the callback is called with its microtasks and ticks after it; if the
 * flag is then 0, the watcher stops by itself. So a program that parks its next poll at once costs
 * no system call here.
 */
export interface Watch {
  /**
   * Creates a stopped watcher. A descriptor can have one started watcher: a second one is -EEXIST.
   */
  create(epfd: number, flag: Int32Array, callback: () => void): Handle;
  /** Costs nothing if it has not stopped. */
  start(handle: Handle): number;
  stop(handle: Handle): number;
  /** Makes it keep the process alive while it is started: the default, until `unref`. */
  ref(handle: Handle): number;
  unref(handle: Handle): number;
  /** Close it before the descriptor. Allowed in the callback. */
  close(handle: Handle): number;
}
