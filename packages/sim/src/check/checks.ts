import { Failure } from '../run/failure.ts';
import type { Simulation } from '../run/simulation.ts';

interface Always {
  readonly name: string;
  readonly holds: () => unknown;
}

/** What a program expects of its run. */
export class Checks {
  readonly #simulation: Simulation;
  readonly #always: Always[] = [];
  /** What was seen at least once, by name. False: expected, and not seen yet. */
  readonly seen: Map<string, boolean> = new Map();
  readonly #sometimes: Always[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /**
   * `holds` must never return false. It is asked after each event in which code of a program ran.
   */
  always(name: string, holds: () => unknown): void {
    this.#always.push({ name, holds });
  }

  /** `holds` must return true at some time in at least one run of a campaign. */
  sometimes(name: string, holds: () => unknown): void {
    this.seen.set(name, this.seen.get(name) ?? false);
    this.#sometimes.push({ name, holds });
  }

  /** The place of this call is reached in at least one run. */
  reach(name: string): void {
    this.seen.set(name, true);
  }

  evaluate(): void {
    for (const { name, holds } of this.#always) {
      const problem = this.#ask(holds);
      if (problem !== undefined) {
        this.#simulation.fail(new Failure('always', `broken invariant: ${name}${problem}`));
        return;
      }
    }
    for (const { name, holds } of this.#sometimes) {
      if (this.seen.get(name) !== true && this.#ask(holds) === undefined) this.seen.set(name, true);
    }
  }

  /** Returns `undefined` when it holds, and otherwise what was thrown. */
  #ask(holds: () => unknown): string | undefined {
    try {
      return holds() === false ? '' : undefined;
    } catch (error) {
      return `: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
