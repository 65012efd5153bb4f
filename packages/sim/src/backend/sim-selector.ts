import type { Selector } from '@evloop/core/backend';
import type { ScheduledEvent } from '../clock/event-heap.ts';
import { MS } from '../clock/time.ts';
import type { Process } from '../host/process.ts';

/** Waits in virtual time. */
export class SimSelector implements Selector {
  readonly descriptors: undefined = undefined;
  readonly asksKernel: boolean = false;
  readonly #process: Process;
  #timer: ScheduledEvent | undefined;
  #unpark: (() => void) | undefined;
  #referenced = true;

  constructor(process: Process) {
    this.#process = process;
  }

  now(): number {
    return this.#process.clock.now();
  }

  select(): void {}

  park(timeoutMs: number | null, unpark: () => void): void {
    this.#unpark = unpark;
    this.#process.waiting.add(this);
    if (timeoutMs === null) return;
    const delay = this.#process.clock.real(Math.min(Math.ceil(timeoutMs * MS), LONGEST));
    this.#timer = this.#process.schedule(delay, unpark, !this.#referenced);
  }

  unpark(): void {
    this.#process.waiting.delete(this);
    this.#unpark = undefined;
    this.#process.simulation.scheduler.cancel(this.#timer);
    this.#timer = undefined;
  }

  turn(turned: () => void): void {
    this.#timer = this.#process.schedule(0, turned);
  }

  /** Looks again, when the poll waits: its host goes on after a pause. */
  look(): void {
    this.#unpark?.();
  }

  ref(): void {
    this.#referenced = true;
  }

  unref(): void {
    this.#referenced = false;
  }

  close(): void {
    this.unpark();
  }
}

/** Longer than any simulation, and a whole number of nanoseconds. */
const LONGEST = 2 ** 52;
