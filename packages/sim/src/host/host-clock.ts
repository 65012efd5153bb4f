import { MS } from '../clock/time.ts';
import type { Process } from './process.ts';

/** The clocks of one host. They may be wrong: skewed, or too fast or slow. */
export class HostClock {
  readonly #process: Process;

  constructor(process: Process) {
    this.#process = process;
  }

  /** The monotonic clock, in milliseconds. It begins with the simulation. */
  now(): number {
    return this.nanoseconds() / MS;
  }

  /** The monotonic clock, in nanoseconds. */
  nanoseconds(): number {
    const { now, host } = this.#process;
    return now + Math.floor(now / MS) * host.driftPpm;
  }

  /** The wall clock, in milliseconds since 1970. */
  date(): number {
    const { host, simulation } = this.#process;
    return simulation.epoch + Math.floor((this.nanoseconds() + host.skew) / MS);
  }

  /** The virtual time that passes while this host's clock counts `nanoseconds`. */
  real(nanoseconds: number): number {
    const { driftPpm } = this.#process.host;
    if (driftPpm === 0) return nanoseconds;
    return Math.ceil((nanoseconds / (MS + driftPpm)) * MS);
  }
}
