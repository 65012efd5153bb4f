import type { Choice } from './decisions.ts';

/** What a shrinker may do: runs, until the time is up. */
export interface ShrinkBudget {
  /** How many runs at the most. */
  readonly runs: number;
  /** How long at the most, in milliseconds. */
  readonly timeMs: number;
  /** The real clock, in milliseconds. */
  readonly now: () => number;
}

/** The result of shrinking. */
export interface Shrunk {
  readonly choices: readonly Choice[];
  /** How many runs it took. */
  readonly runs: number;
}

/** Tells whether a run with these choices fails in the same way. */
export type StillFails = (choices: readonly Choice[]) => Promise<boolean>;

/**
 * Makes a list of choices as short as it can, and its values as small, so that the run still fails
 * in the same way: whole kinds of choices first, then ddmin (Zeller and Hildebrandt 2002), then
 * values.
 */
export async function shrink(
  choices: readonly Choice[],
  stillFails: StillFails,
  budget: ShrinkBudget,
): Promise<Shrunk> {
  const shrinker = new Shrinker(stillFails, budget);
  const fewerKinds = await shrinker.dropKinds(choices);
  const fewer = await shrinker.minimize(fewerKinds);
  const smaller = await shrinker.lowerValues(fewer);
  return { choices: smaller, runs: shrinker.runs };
}

class Shrinker {
  readonly #stillFails: StillFails;
  readonly #budget: ShrinkBudget;
  readonly #end: number;
  runs = 0;

  constructor(stillFails: StillFails, budget: ShrinkBudget) {
    this.#stillFails = stillFails;
    this.#budget = budget;
    this.#end = budget.now() + budget.timeMs;
  }

  async dropKinds(choices: readonly Choice[]): Promise<readonly Choice[]> {
    let left = choices;
    for (const kind of new Set(choices.map(kindOf))) {
      const without = left.filter((choice) => kindOf(choice) !== kind);
      if (without.length < left.length && (await this.#fails(without))) left = without;
    }
    return left;
  }

  /** Removes parts: halves first, then ever smaller ones. */
  async minimize(choices: readonly Choice[]): Promise<readonly Choice[]> {
    let left = choices;
    if (left.length > 0 && (await this.#fails([]))) return [];
    let parts = 2;
    while (left.length > 1 && !this.#over) {
      const size = Math.ceil(left.length / parts);
      let smaller: readonly Choice[] | undefined;
      for (let at = 0; at < left.length && smaller === undefined; at += size) {
        const without = [...left.slice(0, at), ...left.slice(at + size)];
        if (await this.#fails(without)) smaller = without;
      }
      if (smaller !== undefined) {
        left = smaller;
        parts = Math.max(parts - 1, 2);
      } else {
        if (size === 1) break;
        parts = Math.min(parts * 2, left.length);
      }
    }
    return left;
  }

  async lowerValues(choices: readonly Choice[]): Promise<readonly Choice[]> {
    let left = choices;
    for (let i = 0; i < left.length; i++) {
      const { value } = left[i] as Choice;
      for (const lower of [1, value >> 3, value >> 1]) {
        if (lower < 1 || lower >= value) continue;
        const lowered = left.map((choice, j) => (i === j ? { ...choice, value: lower } : choice));
        if (!(await this.#fails(lowered))) continue;
        left = lowered;
        break;
      }
    }
    return left;
  }

  get #over(): boolean {
    return this.runs >= this.#budget.runs || this.#budget.now() >= this.#end;
  }

  async #fails(choices: readonly Choice[]): Promise<boolean> {
    if (this.#over) return false;
    this.runs++;
    return this.#stillFails(choices);
  }
}

/** Decisions of one kind ask the same question: `': lost?'`. */
function kindOf({ key }: Choice): string {
  return key.slice(key.lastIndexOf(': ') + 1);
}
