import type { Interest, Registry } from '@evloop/core';
import { DescriptorRegistration, descriptors } from '@evloop/core/backend';

/** Error and hang-up alone, which a listener does not have: epoll_ctl(2). */
const NOTHING: Interest = 0;

/**
 * The registration of a listener, which can be paused: it stays registered, and is not reported.
 */
export class ListenerRegistration extends DescriptorRegistration {
  #paused = false;

  get paused(): boolean {
    return this.#paused;
  }

  /** Pauses or resumes. Resuming reports what waits anew. */
  setPaused(paused: boolean): void {
    if (paused === this.#paused) return;
    this.registry?.[descriptors]?.modify(this, paused ? NOTHING : this.interest);
    this.#paused = paused;
  }

  /** Has what waits reported anew by the next poll. */
  again(): void {
    if (!this.#paused) this.registry?.[descriptors]?.modify(this, this.interest);
  }

  override retry(): void {
    if (!this.#paused) super.retry();
  }

  protected override attach(registry: Registry, interest: Interest): void {
    super.attach(registry, this.#paused ? NOTHING : interest);
  }

  protected override modify(registry: Registry, interest: Interest): void {
    super.modify(registry, this.#paused ? NOTHING : interest);
  }
}
