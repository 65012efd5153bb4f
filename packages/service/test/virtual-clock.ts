import type { Clock } from '../src/index.ts';

/** A clock that stands still until it is moved. */
export class VirtualClock implements Clock {
  time: number;

  constructor(time = 0) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }
}
