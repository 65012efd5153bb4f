import type { ScheduledEvent } from '../clock/event-heap.ts';
import { MS } from '../clock/time.ts';
import type { Process } from './process.ts';

/** The longest delay that `setTimeout` takes, in milliseconds. */
const LONGEST = 0x7fffffff;

/** A timer of a simulated process, with the methods of Node's. */
export class VirtualTimer {
  readonly #process: Process;
  readonly #delay: number;
  readonly #repeats: boolean;
  readonly #callback: () => void;
  #event: ScheduledEvent | undefined;
  #referenced = true;

  constructor(process: Process, delay: number, repeats: boolean, callback: () => void) {
    this.#process = process;
    this.#delay = delay;
    this.#repeats = repeats;
    this.#callback = callback;
    this.#start();
  }

  /** A timer keeps the simulation going: the initial state. */
  ref(): this {
    return this.#reference(true);
  }

  /** The timer alone no longer keeps the simulation going. */
  unref(): this {
    return this.#reference(false);
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  /** Starts the delay anew. */
  refresh(): this {
    this.clear();
    this.#start();
    return this;
  }

  close(): this {
    this.clear();
    return this;
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  /** Calls it off. */
  clear(): void {
    if (this.#event === undefined) return;
    this.#process.simulation.scheduler.cancel(this.#event);
    this.#stopped();
  }

  #reference(on: boolean): this {
    if (this.#referenced === on) return this;
    this.#referenced = on;
    const event = this.#event;
    if (event?.fire === undefined) return this;
    const { scheduler } = this.#process.simulation;
    const { fire, time } = event;
    scheduler.cancel(event);
    this.#event = scheduler.at(time, fire, !on);
    this.#process.timers.referenced += on ? 1 : -1;
    return this;
  }

  #start(): void {
    const delay = this.#process.clock.real(this.#delay);
    const fire = (): void => {
      this.#stopped();
      if (this.#repeats) this.#start();
      this.#callback();
    };
    this.#event = this.#process.schedule(delay, fire, !this.#referenced);
    if (this.#referenced) this.#process.timers.referenced++;
  }

  #stopped(): void {
    this.#event = undefined;
    if (this.#referenced) this.#process.timers.referenced--;
  }
}

/** The timers of one process, in virtual time. */
export class HostTimers {
  /** How many timers keep the process alive. */
  referenced = 0;
  readonly #process: Process;

  constructor(process: Process) {
    this.#process = process;
  }

  /** As Node's: the delay is in milliseconds, at least 1, fractions cut off. */
  setTimeout(callback: () => void, delayMs?: number): VirtualTimer {
    return new VirtualTimer(this.#process, delayOf(delayMs), false, callback);
  }

  setInterval(callback: () => void, delayMs?: number): VirtualTimer {
    return new VirtualTimer(this.#process, delayOf(delayMs), true, callback);
  }

  setImmediate(callback: () => void): VirtualTimer {
    return new VirtualTimer(this.#process, 0, false, callback);
  }

  /** Calls off any of them. Other values are ignored, as Node ignores them. */
  clear(timer: unknown): void {
    if (timer instanceof VirtualTimer) timer.clear();
  }
}

function delayOf(delayMs: number | undefined): number {
  const delay = Number(delayMs);
  return (delay >= 1 && delay <= LONGEST ? Math.trunc(delay) : 1) * MS;
}
