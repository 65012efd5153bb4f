import type { Events, Reported } from './events.ts';
import type { Interest } from './interest.ts';
import type { CorkCounts, SyscallCounts } from './poll/poll-stats.ts';
import type { Ready } from './registration/ready.ts';
import type { RemoteWake } from './wake/remote-wake.ts';

/**
 * Everything that a backend must provide so that a {@link Poll} can wait on it. A selector is small
 * because `Poll` and `Registry` hold all the rules: it sees checked arguments only, one call at a
 * time, and nothing after `close`.
 *
 * A backend whose sources are all user-space ones (`@evloop/net`) uses {@link UserSpaceSelector} as
 * it is and writes none of its own. A kernel backend implements {@link DescriptorSelector} besides,
 * and {@link BlockingSelector} when the thread may block in it.
 *
 * The selector owns time. A simulator brings its own clock, and everything above follows it.
 */
export interface Selector {
  /** Where descriptors are registered; `undefined` on a backend that takes none. */
  readonly descriptors: DescriptorSelector | undefined;

  /**
   * Whether {@link Selector.select} asks the kernel. When false, readiness becomes known only as
   * the host's loop turns, so that a `poll` with timeout 0 turns it once before it answers.
   */
  readonly asks: boolean;

  /** The present on a monotonic clock, in milliseconds, fractions included. */
  now(): number;

  /** Adds what is ready now to `events`, up to its capacity, without waiting. */
  select(events: Events): void;

  /**
   * Arranges for one call of `unpark` from the host's loop, never from inside `park`: when `select`
   * may have something to add, or when `timeoutMs` (> 0; `null`: none) has passed. It may come
   * early or for nothing. Until then, and unless unreferenced, the host's loop is kept alive.
   */
  park(timeoutMs: number | null, unpark: () => void): void;

  /** Calls off the pending `park` or `turn`. */
  unpark(): void;

  /** Calls `turned` once, after the host's loop has served timers and I/O that were due. */
  turn(turned: () => void): void;

  /**
   * Calls `settled` once, when what becomes ready together has had its time, and the host's loop
   * has gone on since. Nothing calls it off. Optional: without it `Poll` waits for the microtasks
   * only, so that a kernel's events are not held up.
   */
  readonly settle?: ((settled: () => void) => void) | undefined;

  /** Makes a pending `park` keep the host's loop alive: the initial state. */
  ref(): void;

  /** Lets the host end although a `park` is pending. */
  unref(): void;

  /**
   * Listens to other threads: `wake` is called in this one after a wake there, before what is
   * waiting returns. Wakes may be merged. Left out where there is no such way
   * (`supports.wakerHandles`).
   */
  openRemoteWake?(wake: () => void): RemoteWake;

  /**
   * There is something to report in user space, and nobody is waiting for it: for selectors that
   * are themselves sources of another poll, which is to be told. Left out by the others.
   */
  attend?(): void;

  /**
   * Releases everything. Called once; nothing is called afterwards, but `close` of a `RemoteWake`.
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
  /** Hook: the kernel reported `ready`, before it is masked by the interest. */
  onReady(ready: Ready): void;
  /** Hook: the poll was closed, so nothing is reported any more. */
  onPollClosed(): void;
  /** Hook: the time after {@link DescriptorSelector.retry} is over. */
  onRetry(): void;
}

/**
 * The part of a kernel backend that knows descriptors: epoll_ctl(2) in three methods. Each throws a
 * `SystemError` when the kernel refuses (`EPERM` for what cannot be polled, `ENOSPC` at the limit
 * of watches), and then nothing has changed.
 *
 * The registration is edge-triggered. The kernel's report of it ends in
 * `events[pushEvent](registration, ready)`, masked by the registration's interest and the bits that
 * no interest masks.
 */
export interface DescriptorSelector {
  /**
   * For `poll.stats()`. The selector counts its own system calls, and its sources count theirs
   * while they are registered.
   */
  readonly syscalls: SyscallCounts;
  /** For `poll.stats()`: the writes of a corked poll; `undefined` on a poll that is not corked. */
  readonly corkCounts?: CorkCounts | undefined;
  /** Begins to watch `registration.fd`. The registration's own interest is not yet set. */
  add(registration: WatchedDescriptor, interest: Interest): void;
  /**
   * Replaces the interest, and has current readiness reported anew, also when the interest is the
   * same.
   */
  modify(registration: WatchedDescriptor, interest: Interest): void;
  /** Ends watching. Never throws: the descriptor may have been closed behind our back. */
  remove(registration: WatchedDescriptor): void;
  /**
   * Has current readiness reported anew after a while: what was reported could not be used up for
   * want of a resource (`EMFILE`), whose return is no edge. Forgotten when the registration ends
   * first.
   */
  retry(registration: WatchedDescriptor): void;
}

/** A selector in which the calling thread can wait. */
export interface BlockingSelector extends Selector {
  /**
   * Like `select`, but blocks the thread until there is something to add or `timeoutMs` has passed
   * (`null`: for ever). Signals that interrupt the wait do not end it. May return with nothing
   * added before the time is up; the caller asks again.
   */
  wait(events: Events, timeoutMs: number | null): void;
}
