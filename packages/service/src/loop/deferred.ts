import type { Runnable, RunQueue } from './run-queue.ts';
import type { Step } from './step.ts';

/** A step that stays in the queue for as long as it answers `'again'`. */
export class Deferred implements Runnable {
  queued = false;
  readonly #queue: RunQueue;
  readonly #step: Step;

  constructor(queue: RunQueue, step: Step) {
    this.#queue = queue;
    this.#step = step;
  }

  run(): void {
    if (this.#step() === 'again') this.#queue.add(this);
  }
}
