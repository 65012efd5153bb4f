import { type Interest, Mode, type SyscallCounts } from '@evloop/core';
import type { DescriptorRegistration } from '@evloop/core/backend';
import { native } from '../native/native.ts';
import { toEpoll } from './epoll-flags.ts';
import { Holders } from './holders.ts';

const { EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL, EEXIST, ENOENT } = native.constants;
const { EPOLLET } = native.constants;
const { epollCtl } = native;

/**
 * The entries of an epoll descriptor, with the registration of each.
 *
 * The kernel returns a key and a generation. If a descriptor was closed before its source while a
 * duplicate is open, its entry stays in the kernel's set. Its generation shows that it belongs to
 * no registration any more. The methods that ask the kernel return 0 or more, or `-errno`.
 */
export class EpollSet {
  readonly syscalls: SyscallCounts = { made: 0, saved: 0 };
  readonly #epfd: number;
  readonly #registrations: (DescriptorRegistration | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #freeKeys: number[] = [];
  readonly #holders = new Holders();
  /** The callbacks of the selector's own entries. */
  readonly #callbacks: Map<number, () => void> = new Map();

  constructor(epfd: number) {
    this.#epfd = epfd;
  }

  /** Returns the registration with `key` and `generation`; `undefined` if there is none. */
  find(key: number, generation: number): DescriptorRegistration | undefined {
    if (this.#generations[key] !== generation) return undefined;
    const registration = this.#registrations[key];
    if (registration === undefined) this.#callbacks.get(key)?.();
    return registration;
  }

  /** Returns the registrations in the set. */
  registrations(): DescriptorRegistration[] {
    return this.#registrations.filter((registration) => registration !== undefined);
  }

  add(registration: DescriptorRegistration, interest: Interest): number {
    const { fd } = registration;
    const bits = toEpoll(interest);
    const key = this.#takeKey();
    const generation = this.#generations[key] as number;
    let result = this.#control(EPOLL_CTL_ADD, fd, bits, key, generation);
    if (result === -EEXIST && !this.#holders.has(fd)) {
      // Removes the entry of a descriptor that was closed before its source, and whose open file
      // has the number again.
      this.#control(EPOLL_CTL_DEL, fd, 0, 0, 0);
      result = this.#control(EPOLL_CTL_ADD, fd, bits, key, generation);
    }
    if (result < 0) {
      this.#freeKeys.push(key);
      return result;
    }
    this.#holders.set(fd, key);
    this.#registrations[key] = registration;
    registration.key = key;
    return result;
  }

  /**
   * Watches a descriptor for the selector itself: a report calls `callback` and makes no event.
   *
   * @returns its key.
   */
  watch(fd: number, bits: number, callback: () => void): number {
    const key = this.#takeKey();
    const generation = this.#generations[key] as number;
    const result = this.#control(EPOLL_CTL_ADD, fd, (bits | EPOLLET) >>> 0, key, generation);
    if (result < 0) {
      this.#freeKeys.push(key);
      return result;
    }
    this.#callbacks.set(key, callback);
    return key;
  }

  /** Undoes `watch`. */
  unwatch(fd: number, key: number): void {
    this.#control(EPOLL_CTL_DEL, fd, 0, 0, 0);
    this.#callbacks.delete(key);
    this.#release(key);
  }

  change(registration: DescriptorRegistration, interest: Interest): number {
    const { fd, key } = registration;
    if (!this.#holders.is(fd, key)) return -ENOENT;
    const bits = toEpoll(interest);
    const generation = this.#generations[key] as number;
    if (((interest | registration.interest) & Mode.EXCLUSIVE) === 0) {
      return this.#control(EPOLL_CTL_MOD, fd, bits, key, generation);
    }
    // The kernel cannot change an exclusive entry, or make one exclusive. So the entry is removed
    // and added again. If that fails, the old one is added again.
    const removed = this.#control(EPOLL_CTL_DEL, fd, 0, 0, 0);
    if (removed < 0) return removed;
    const added = this.#control(EPOLL_CTL_ADD, fd, bits, key, generation);
    if (added < 0) {
      this.#control(EPOLL_CTL_ADD, fd, toEpoll(registration.interest), key, generation);
    }
    return added;
  }

  remove({ fd, key }: DescriptorRegistration): void {
    if (this.#holders.is(fd, key)) {
      this.#control(EPOLL_CTL_DEL, fd, 0, 0, 0);
      this.#holders.clear(fd);
    }
    this.#registrations[key] = undefined;
    this.#release(key);
  }

  /** Frees the key. Reports that the kernel still has for it become stale. */
  #release(key: number): void {
    this.#generations[key] = ((this.#generations[key] as number) + 1) >>> 0;
    this.#freeKeys.push(key);
  }

  #takeKey(): number {
    const free = this.#freeKeys.pop();
    if (free !== undefined) return free;
    this.#generations.push(0);
    return this.#registrations.push(undefined) - 1;
  }

  #control(op: number, fd: number, bits: number, key: number, generation: number): number {
    this.syscalls.made++;
    return epollCtl(this.#epfd, op, fd, bits, key, generation);
  }
}
