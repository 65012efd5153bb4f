import type { Events, Reported } from './events.ts';
import type { Interest } from './interest.ts';
import type { CorkCounts, SyscallCounts } from './poll/poll-stats.ts';
import type { Ready } from './registration/ready.ts';
import type { RemoteWake } from './wake/remote-wake.ts';

/**
 * What a backend provides so that a {@link Poll} can wait on it. `Poll` and `Registry` hold all the
 * rules, so a selector is small: it gets checked arguments only, one call at a time, and no call
 * after `close`.
 *
 * A backend whose sources are all in user space (`@evloop/net`) uses {@link UserSpaceSelector}. A
 * kernel backend also implements {@link DescriptorSelector}, and {@link BlockingSelector} if the
 * thread may block in it.
 *
 * The selector owns time. A simulator brings its own clock, and everything above follows it.
 */
export interface Selector {
  /** The part that takes descriptors; `undefined` on a backend that takes none. */
  readonly descriptors: DescriptorSelector | undefined;

  /**
   * Whether {@link Selector.select} asks the kernel. If false, readiness appears only as the host's
   * loop turns. Then a `poll` with timeout 0 lets the loop turn once before it answers.
   */
  readonly asksKernel: boolean;

  /** Returns the present on a monotonic clock, in milliseconds with fractions. */
  now(): number;

  /** Adds what is ready now to `events`, up to its capacity, without waiting. */
  select(events: Events): void;

  /**
   * Arranges for one call of `unpark` from the host's loop, never from inside `park`. The call
   * comes when `select` may have something to add, or when `timeoutMs` (> 0; `null`: no limit) has
   * passed. It may come early or without cause. Until then, the host's loop is kept alive, unless
   * unreferenced.
   */
  park(timeoutMs: number | null, unpark: () => void): void;

  /** Cancels the pending `park` or `turn`. */
  unpark(): void;

  /** Calls `turned` once, after the host's loop has served timers and I/O that were due. */
  turn(turned: () => void): void;

  /**
   * Calls `settled` once, after sources that become ready together have had their time, and the
   * host's loop has gone on since. It cannot be cancelled. Optional: without it, `Poll` waits only
   * for the microtasks, so that a kernel's events are not delayed.
   */
  readonly settle?: ((settled: () => void) => void) | undefined;

  /** Makes a pending `park` keep the host's loop alive: the default. */
  ref(): void;

  /** Lets the host end although a `park` is pending. */
  unref(): void;

  /**
   * Listens to other threads: a wake there calls `wake` in this thread, before a pending wait
   * returns. Wakes may be merged. Omitted if there is no such way (`supports.wakerHandles`).
   */
  openRemoteWake?(wake: () => void): RemoteWake;

  /**
   * For selectors that are themselves sources of another poll: user space has something to report,
   * and no wait is pending, so the other poll must be told. Omitted by other selectors.
   */
  attend?(): void;

  /**
   * Releases everything. Called once; nothing is called afterwards, except `close` of a
   * `RemoteWake`.
   */
  close(): void;
}

/** A {@link DescriptorRegistration}, as a selector sees it. */
export interface WatchedDescriptor extends Reported {
  /** The descriptor. It stays open, and is the same open file, until the registration is closed. */
  readonly fd: number;
  /** The interest given last, or 0 while unregistered. */
  readonly interest: Interest;
  /** The selector's own key of this registration. */
  key: number;
  /** Hook: the kernel reported `ready`, not yet masked by the interest. */
  onReady(ready: Ready): void;
  /** Hook: the poll was closed, so nothing is reported any more. */
  onPollClosed(): void;
  /** Hook: the time after {@link DescriptorSelector.retry} is over. */
  onRetry(): void;
}

/**
 * The part of a kernel backend that takes descriptors: epoll_ctl(2) in three methods. Each throws a
 * `SystemError` when the kernel refuses (`EPERM` for a file that cannot be polled, `ENOSPC` at the
 * limit of watches). Nothing has changed then.
 *
 * The registration is edge-triggered. When the kernel reports it, the selector calls
 * `events[pushEvent](registration, ready)`, with the bits masked by the registration's interest,
 * plus the bits that no interest masks.
 */
export interface DescriptorSelector {
  /**
   * For `poll.stats()`. The selector counts its own system calls, and its sources count theirs
   * while they are registered.
   */
  readonly syscalls: SyscallCounts;
  /** For `poll.stats()`: the writes of a corked poll; `undefined` on a poll that is not corked. */
  readonly corkCounts?: CorkCounts | undefined;
  /** Begins to watch `registration.fd`. The registration's own interest is not set yet. */
  add(registration: WatchedDescriptor, interest: Interest): void;
  /** Replaces the interest, and reports current readiness again, also with the same interest. */
  modify(registration: WatchedDescriptor, interest: Interest): void;
  /** Stops watching. Never throws: other code may have closed the descriptor. */
  remove(registration: WatchedDescriptor): void;
  /**
   * Reports current readiness again after a while. For readiness that could not be used because a
   * resource ran out (`EMFILE`): its return makes no edge. Cancelled if the registration ends
   * first.
   */
  retry(registration: WatchedDescriptor): void;
}

/** A selector that can also block the calling thread. */
export interface BlockingSelector extends Selector {
  /**
   * Like `select`, but blocks the thread until there is something to add or `timeoutMs` has passed
   * (`null`: no limit). Signals that interrupt the wait do not end it. It may return early with
   * nothing added; the caller asks again.
   */
  wait(events: Events, timeoutMs: number | null): void;
}
