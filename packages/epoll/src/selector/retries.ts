import type { DescriptorRegistration } from '@evloop/core/backend';

/** How long a listener without descriptors waits before it tries again. */
const RETRY_MS = 50;

/** Registrations whose readiness is reported again after a while: their return is no edge. */
export class Retries {
  readonly #registrations: Set<DescriptorRegistration> = new Set();
  readonly #now: () => number;
  #at = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(registration: DescriptorRegistration): void {
    if (this.#registrations.size === 0) this.#at = this.#now() + RETRY_MS;
    this.#registrations.add(registration);
  }

  delete(registration: DescriptorRegistration): void {
    if (this.#registrations.size > 0) this.#registrations.delete(registration);
  }

  /** The time until the next retry if it comes before `timeoutMs`; else `timeoutMs`. */
  bound(timeoutMs: number | null): number | null {
    if (this.#registrations.size === 0) return timeoutMs;
    const untilRetry = Math.max(this.#at - this.#now(), 0);
    return timeoutMs === null ? untilRetry : Math.min(timeoutMs, untilRetry);
  }

  /** The registrations whose time has come. They stay until they are deleted. */
  due(): readonly DescriptorRegistration[] {
    if (this.#registrations.size === 0 || this.#now() < this.#at) return NONE;
    return [...this.#registrations];
  }
}

const NONE: readonly DescriptorRegistration[] = [];
