import { type Interest, Mode, type SyscallCounts } from '@evloop/core';
import type { DescriptorRegistration } from '@evloop/core/backend';
import { native } from '../native/native.ts';
import { toEpoll } from './epoll-flags.ts';
import { Holders } from './holders.ts';

const { EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL, EEXIST, ENOENT } = native.constants;
const { EPOLLIN, EPOLLET } = native.constants;
const { epollCtl } = native;

/**
 * The entries of an epoll descriptor, and the registration that each belongs to.
 *
 * The kernel gives back a key and a generation. An entry whose descriptor was closed before its source, while
 * a duplicate lives on, stays in the kernel's set. Its generation tells that it belongs to none any more.
 * The methods that ask the kernel return 0 or more, or `-errno`.
 */
export class EpollSet {
  readonly syscalls: SyscallCounts = { made: 0, saved: 0 };
  readonly #epfd: number;
  readonly #registrations: (DescriptorRegistration | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #freeKeys: number[] = [];
  readonly #holders = new Holders();

  constructor(epfd: number) {
    this.#epfd = epfd;
  }

  /** The registration that the kernel means by `key` and `generation`; `undefined` for none. */
  find(key: number, generation: number): DescriptorRegistration | undefined {
    return this.#generations[key] === generation ? this.#registrations[key] : undefined;
  }

  /** Those that are in the set. */
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
      // The entry of a descriptor that was closed before its source, and whose open file has the
      // number again.
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

  /** Adds a timer, which has no registration. @returns its key. */
  addTimer(fd: number): number {
    const key = this.#takeKey();
    const bits = (EPOLLIN | EPOLLET) >>> 0;
    const result = this.#control(EPOLL_CTL_ADD, fd, bits, key, this.#generations[key] as number);
    if (result >= 0) return key;
    this.#freeKeys.push(key);
    return result;
  }

  change(registration: DescriptorRegistration, interest: Interest): number {
    const { fd, key } = registration;
    if (!this.#holders.is(fd, key)) return -ENOENT;
    const bits = toEpoll(interest);
    const generation = this.#generations[key] as number;
    if (((interest | registration.interest) & Mode.EXCLUSIVE) === 0) {
      return this.#control(EPOLL_CTL_MOD, fd, bits, key, generation);
    }
    // The kernel changes no exclusive entry, and makes none exclusive. So the entry is removed and
    // added again, or the old one is.
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
