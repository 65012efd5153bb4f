import type { Interest, Registry } from '@evloop/core';
import { DescriptorRegistration, descriptors } from '@evloop/core/backend';

/** Only error and hang-up, which a listener never has: epoll_ctl(2). */
const NOTHING: Interest = 0;

/**
 * The registration of a listener that can be paused: then it stays registered, and is not reported.
 */
export class ListenerRegistration extends DescriptorRegistration {
  #paused = false;

  get paused(): boolean {
    return this.#paused;
  }

  /** Pauses or resumes. Resuming reports waiting connections again. */
  setPaused(paused: boolean): void {
    if (paused === this.#paused) return;
    this.registry?.[descriptors]?.modify(this, paused ? NOTHING : this.interest);
    this.#paused = paused;
  }

  /** Makes the next poll report waiting connections again. */
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
