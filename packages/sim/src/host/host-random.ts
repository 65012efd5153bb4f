import { HASH_RANGE, type HashKey, hashText } from '../choice/hash.ts';
import type { Process } from './process.ts';

/** The random numbers of one process. They follow from the seed. */
export class HostRandom {
  readonly #process: Process;
  readonly #key: HashKey;
  #count = 0;

  constructor(process: Process) {
    this.#process = process;
    this.#key = hashText(`${process.host.name} random ${process.incarnation}`);
  }

  /** Returns a number from 0 to less than 1, as `Math.random`. */
  next(): number {
    return this.#word() / HASH_RANGE;
  }

  /** Returns an integer from `low` to `high - 1`. */
  integer(low: number, high: number): number {
    return low + (this.#word() % (high - low));
  }

  /** Fills `bytes`. */
  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.#word() & 0xff;
  }

  #word(): number {
    return this.#process.simulation.decisions.number(this.#key, this.#count++);
  }
}
