import { isMainThread } from 'node:worker_threads';
import { type CorkCounts, type Events, Interest, type SyscallCounts } from '@evloop/core';
import {
  Alarm,
  type BlockingSelector,
  type DescriptorRegistration,
  type DescriptorSelector,
  host,
  type RemoteWake,
} from '@evloop/core/backend';
import { Cork, type CorkWatch, corkOf } from '../cork/cork.ts';
import { DescriptorSource } from '../descriptor/descriptor-source.ts';
import { watchFresh, watchLater } from '../descriptor/lost-sources.ts';
import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { EpollSet } from './epoll-set.ts';
import { EventReader } from './event-reader.ts';
import { type LoopWatcher, watchLoop } from './loop-watcher.ts';
import { PollSource } from './poll-source.ts';
import { Retries } from './retries.ts';
import { SharedWake } from './shared-wake.ts';
import { WaitTimer } from './wait-timer.ts';

const { EPOLLIN, EPOLLOUT } = native.constants;

/**
 * The longest wait in the kernel. A worker can't be terminated while it waits, so it returns this
 * often. The main thread need not: signals end it.
 */
const LONGEST_MS = isMainThread ? Infinity : 200;

/** The selector on Linux's epoll(7), edge-triggered. */
export class EpollSelector implements BlockingSelector, DescriptorSelector, CorkWatch {
  readonly asksKernel: boolean = true;
  readonly syscalls: SyscallCounts;
  readonly #epfd: number;
  readonly #set: EpollSet;
  readonly #watcher: LoopWatcher;
  readonly #alarm = new Alarm();
  readonly #waitTimer = new WaitTimer(
    (fd) => void this.#watchOwn(fd, EPOLLIN, () => this.#waitTimer.fired()),
    () => this.now(),
  );
  #immediate: object | undefined;
  #unpark: (() => void) | undefined;
  readonly #cork: Cork | undefined;
  readonly #reader: EventReader;
  readonly #retries = new Retries(() => this.now());
  readonly #remoteWakes: Set<SharedWake> = new Set();
  #source: PollSource | undefined;
  #closed = false;

  /** @param cork whether writes are held for the next wait: see `Cork`. */
  constructor(cork: boolean) {
    this.#epfd = check(native.epollCreate1(), 'epoll_create1');
    this.#set = new EpollSet(this.#epfd);
    this.syscalls = this.#set.syscalls;
    try {
      this.#cork = cork ? new Cork(this.#epfd, this) : undefined;
      this.#reader = new EventReader(this.#epfd, this.#set, this.#cork);
      this.#watcher = watchLoop(this.#epfd, () => this.#fire());
    } catch (error) {
      this.#cork?.close();
      native.close(this.#epfd);
      throw error;
    }
  }

  get descriptors(): DescriptorSelector {
    return this;
  }

  now(): number {
    return host.performance.now();
  }

  get corkCounts(): CorkCounts | undefined {
    return this.#cork?.counts;
  }

  /** For streams: the cork that holds their writes. */
  get [corkOf](): Cork | undefined {
    return this.#cork;
  }

  add(registration: DescriptorRegistration, interest: Interest): void {
    check(this.#set.add(registration, interest), 'epoll_ctl');
  }

  modify(registration: DescriptorRegistration, interest: Interest): void {
    // Its readiness is reported again right now.
    this.#retries.delete(registration);
    check(this.#set.change(registration, interest), 'epoll_ctl');
  }

  remove(registration: DescriptorRegistration): void {
    this.#set.remove(registration);
    this.#retries.delete(registration);
  }

  retry(registration: DescriptorRegistration): void {
    this.#retries.add(registration);
    // A program that waits for another poll, of which this one is a source, does not ask this one
    // until then.
    this.#source?.retry();
    // A pending wait still has the old timeout, so restart it.
    if (this.#unpark === undefined) return;
    this.#alarm.cancel();
    this.#alarm.set(0, this.#fire);
  }

  select(events: Events): void {
    this.#collect(events, 0);
  }

  wait(events: Events, timeoutMs: number | null): void {
    const limit = Math.min(this.#retries.bound(timeoutMs) ?? Infinity, LONGEST_MS);
    this.#collect(events, limit === Infinity ? -1 : this.#waitTimer.limit(limit));
  }

  park(timeoutMs: number | null, unpark: () => void): void {
    this.#unpark = unpark;
    this.#cork?.shut();
    this.#watcher.arm();
    const bounded = this.#retries.bound(timeoutMs);
    if (bounded !== null) this.#alarm.set(Math.max(bounded, 0), this.#fire);
  }

  unpark(): void {
    this.#unpark = undefined;
    this.#watcher.disarm();
    this.#alarm.cancel();
    if (this.#immediate !== undefined) host.clearImmediate?.(this.#immediate);
    this.#immediate = undefined;
  }

  // The watcher's callback is a turn of the loop too, and comes first when the kernel has
  // something. An immediate that is set in that callback runs in the same turn, before any timer.
  // Only the second one has a whole turn before it.
  turn(turned: () => void): void {
    this.#unpark = turned;
    this.#watcher.arm();
    this.#immediate = host.setImmediate?.(() => {
      this.#immediate = host.setImmediate?.(this.#fire);
    });
  }

  ref(): void {
    this.#watcher.ref();
    this.#alarm.ref();
  }

  unref(): void {
    this.#watcher.unref();
    this.#alarm.unref();
  }

  openRemoteWake(wake: () => void): RemoteWake {
    const remote = new SharedWake(wake, ({ registration }) => {
      if (this.#remoteWakes.delete(remote) && !this.#closed) this.remove(registration);
    });
    try {
      this.add(remote.registration, Interest.READABLE);
    } catch (error) {
      remote.close();
      throw error;
    }
    this.#remoteWakes.add(remote);
    return remote;
  }

  /** Returns this poll as a source of another one: always the same object, until that is closed. */
  asSource(): PollSource {
    if (this.#source === undefined || this.#source.closed) {
      this.#source = new PollSource(this.#epfd, this);
    }
    return this.#source;
  }

  attend(): void {
    this.#source?.attend();
  }

  /** For the cork. */
  watch(fd: number, onWritable: () => void): number {
    return this.#watchOwn(fd, EPOLLOUT, onWritable);
  }

  /** For the cork. */
  unwatch(fd: number, key: number): void {
    this.#set.unwatch(fd, key);
  }

  /** For the cork. Fails if the descriptor was closed before its source. */
  report(registration: DescriptorRegistration): void {
    this.#set.change(registration, registration.interest);
  }

  close(): void {
    this.unpark();
    this.#cork?.close();
    for (const remote of this.#remoteWakes) remote.close();
    this.#source?.close();
    this.#closed = true;
    this.#watcher.close();
    this.#waitTimer.close();
    native.close(this.#epfd);
    for (const registration of this.#set.registrations()) {
      registration.onPollClosed();
      if (registration.source instanceof DescriptorSource) watchLater(registration.source);
    }
  }

  readonly #fire = (): void => {
    const unpark = this.#unpark;
    this.unpark();
    unpark?.();
  };

  #watchOwn(fd: number, bits: number, callback: () => void): number {
    return check(this.#set.watch(fd, bits, callback), 'epoll_ctl');
  }

  #collect(events: Events, timeoutMs: number): void {
    this.#retryDue();
    watchFresh();
    this.#reader.read(events, timeoutMs);
  }

  #retryDue(): void {
    for (const registration of this.#retries.due()) {
      registration.onRetry();
      this.#retries.delete(registration);
      // Fails if the descriptor was closed before its source: then there is nothing to report.
      this.#set.change(registration, registration.interest);
    }
  }
}
