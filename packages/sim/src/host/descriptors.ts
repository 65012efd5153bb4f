import { linuxError } from '@evloop/core/backend';

/** The descriptor table of one process. It counts; the numbers of descriptors are not modelled. */
export class Descriptors {
  limit: number;
  #open = 0;
  readonly #starved: Set<() => void> = new Set();

  constructor(limit: number) {
    this.limit = limit;
  }

  get open(): number {
    return this.#open;
  }

  get full(): boolean {
    return this.#open >= this.limit;
  }

  /** Takes a place. @throws `EMFILE`: the table is full. */
  take(syscall: string): void {
    if (this.full) throw linuxError('EMFILE', syscall);
    this.#open++;
  }

  /** Gives a place back, and tells those that wait for one. */
  release(): void {
    this.#open--;
    this.recover();
  }

  /** Calls `retry` once when a place is free. */
  whenFree(retry: () => void): void {
    this.#starved.add(retry);
  }

  /** Tells those that wait for a place, when there is one. */
  recover(): void {
    if (this.full || this.#starved.size === 0) return;
    const starved = [...this.#starved];
    this.#starved.clear();
    for (const retry of starved) retry();
  }
}
