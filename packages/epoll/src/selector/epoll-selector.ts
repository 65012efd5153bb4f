import { isMainThread } from 'node:worker_threads';
import { type Events, Interest, type SyscallCounts } from '@evloop/core';
import {
  Alarm,
  type BlockingSelector,
  type DescriptorRegistration,
  type DescriptorSelector,
  host,
  pushEvent,
  type RemoteWake,
  UNMASKED,
} from '@evloop/core/backend';
import { DescriptorSource } from '../descriptor/descriptor-source.ts';
import { watchFresh, watchLater } from '../descriptor/lost-sources.ts';
import { awaitEvents } from '../native/message-calls.ts';
import { native } from '../native/native.ts';
import { check } from '../native/system-error.ts';
import { toReady } from './epoll-flags.ts';
import { EpollSet } from './epoll-set.ts';
import { type LoopWatcher, watchLoop } from './loop-watcher.ts';
import { PollSource } from './poll-source.ts';
import { SharedWake } from './shared-wake.ts';
import { WaitTimer } from './wait-timer.ts';

const { EINTR } = native.constants;
const { EPOLL_EVENT_WORDS, EPOLL_DATA_LOW, EPOLL_DATA_HIGH } = native.constants;

const EVENT_BYTES = EPOLL_EVENT_WORDS * Uint32Array.BYTES_PER_ELEMENT;

/** How long a listener without descriptors waits before it tries again. */
const RETRY_MS = 50;

/**
 * The longest wait in the kernel. A worker can't be terminated while it waits, so it returns this
 * often. The main thread need not: signals end it.
 */
const LONGEST_MS = isMainThread ? Infinity : 200;

/** The selector on Linux' epoll(7), edge-triggered. */
export class EpollSelector implements BlockingSelector, DescriptorSelector {
  readonly asks: boolean = true;
  readonly syscalls: SyscallCounts;
  readonly #epfd: number;
  readonly #set: EpollSet;
  readonly #watcher: LoopWatcher;
  readonly #alarm = new Alarm();
  readonly #waitTimer = new WaitTimer(
    (fd) => this.#addTimer(fd),
    () => this.now(),
  );
  #timerKey = -1;
  #immediate: object | undefined;
  #unpark: (() => void) | undefined;
  #words = new Uint32Array(0);
  #bytes = new Uint8Array(this.#words.buffer);
  readonly #retries: Set<DescriptorRegistration> = new Set();
  #retryAt = 0;
  readonly #remoteWakes: Set<SharedWake> = new Set();
  #source: PollSource | undefined;
  #closed = false;

  constructor() {
    this.#epfd = check(native.epollCreate1(), 'epoll_create1');
    this.#set = new EpollSet(this.#epfd);
    this.syscalls = this.#set.syscalls;
    try {
      this.#watcher = watchLoop(this.#epfd, () => this.#fire());
    } catch (error) {
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

  add(registration: DescriptorRegistration, interest: Interest): void {
    check(this.#set.add(registration, interest), 'epoll_ctl');
  }

  modify(registration: DescriptorRegistration, interest: Interest): void {
    // It is reported anew right now.
    if (this.#retries.size > 0) this.#retries.delete(registration);
    check(this.#set.change(registration, interest), 'epoll_ctl');
  }

  remove(registration: DescriptorRegistration): void {
    this.#set.remove(registration);
    this.#retries.delete(registration);
  }

  retry(registration: DescriptorRegistration): void {
    if (this.#retries.size === 0) this.#retryAt = this.now() + RETRY_MS;
    this.#retries.add(registration);
    // Whoever waits for another poll, of which this is a source, does not ask this one until then.
    this.#source?.retry();
    // Whoever waits already does not know how long: it looks again, and waits anew.
    if (this.#unpark === undefined) return;
    this.#alarm.cancel();
    this.#alarm.set(0, this.#fire);
  }

  select(events: Events): void {
    this.#collect(events, 0);
  }

  wait(events: Events, timeoutMs: number | null): void {
    const limit = Math.min(this.#untilRetry(timeoutMs) ?? Infinity, LONGEST_MS);
    this.#collect(events, limit === Infinity ? -1 : this.#waitTimer.limit(limit));
  }

  park(timeoutMs: number | null, unpark: () => void): void {
    this.#unpark = unpark;
    this.#watcher.arm();
    const bounded = this.#untilRetry(timeoutMs);
    if (bounded !== null) this.#alarm.set(Math.max(bounded, 0), this.#fire);
  }

  unpark(): void {
    this.#unpark = undefined;
    this.#watcher.disarm();
    this.#alarm.cancel();
    if (this.#immediate !== undefined) host.clearImmediate?.(this.#immediate);
    this.#immediate = undefined;
  }

  // The watcher's callback is a turn of the loop as well, and comes first when the kernel has something. An immediate that is set in that callback runs in the
  // same turn, before any timer: only the second one is certain to have a whole turn before it.
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

  /** This poll as a source of another one: always the same, until that is closed. */
  asSource(): PollSource {
    if (this.#source === undefined || this.#source.closed) {
      this.#source = new PollSource(this.#epfd, this);
    }
    return this.#source;
  }

  attend(): void {
    this.#source?.attend();
  }

  close(): void {
    this.unpark();
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

  #addTimer(fd: number): void {
    this.#timerKey = check(this.#set.addTimer(fd), 'epoll_ctl');
  }

  #collect(events: Events, timeoutMs: number): void {
    if (this.#retries.size > 0) this.#retryDue();
    watchFresh();
    const room = this.#roomFor(events);
    this.syscalls.made++;
    const count = awaitEvents(this.#epfd, this.#bytes, room, timeoutMs);
    if (count < 0) {
      if (count !== -EINTR) check(count, 'epoll_wait');
      return;
    }
    const words = this.#words;
    const set = this.#set;
    for (let at = 0; at < count * EPOLL_EVENT_WORDS; at += EPOLL_EVENT_WORDS) {
      const key = words[at + EPOLL_DATA_LOW] as number;
      const registration = set.find(key, words[at + EPOLL_DATA_HIGH] as number);
      if (registration === undefined) {
        if (key === this.#timerKey) this.#waitTimer.fired();
        continue;
      }
      let ready = toReady(words[at] as number);
      registration.onReady(ready);
      const { interest } = registration;
      // Whoever asked for urgent data is told to read, too: that is where it shows.
      if ((ready & interest & Interest.PRIORITY) !== 0) ready |= Interest.READABLE;
      ready &= interest | UNMASKED;
      if (ready !== 0) events[pushEvent](registration, ready);
    }
  }

  /** Returns the bytes of as many events as there is room for. */
  #roomFor(events: Events): number {
    const room = (events.capacity - events.length) * EVENT_BYTES;
    if (this.#bytes.length < room) {
      this.#bytes = new Uint8Array(room);
      this.#words = new Uint32Array(this.#bytes.buffer);
    }
    return room;
  }

  #untilRetry(timeoutMs: number | null): number | null {
    if (this.#retries.size === 0) return timeoutMs;
    const untilRetry = Math.max(this.#retryAt - this.now(), 0);
    return timeoutMs === null ? untilRetry : Math.min(timeoutMs, untilRetry);
  }

  #retryDue(): void {
    if (this.now() < this.#retryAt) return;
    for (const registration of [...this.#retries]) {
      registration.onRetry();
      this.#retries.delete(registration);
      // Fails where the descriptor was closed before its source: then there is nothing to report.
      this.#set.change(registration, registration.interest);
    }
  }
}
