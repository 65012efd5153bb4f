import { HASH_RANGE, type HashKey, hashText, keyedHash } from './hash.ts';

/** One decision that was not the harmless one. A run is the list of these. */
export interface Choice {
  /** What was decided: `'c1→web connection 3, data lost?'`. */
  readonly key: string;
  /** Which of the decisions under this key. */
  readonly at: number;
  /** What was chosen: an integer from 1. */
  readonly value: number;
}

/** Decides under one stable key. */
export interface DecisionPoint {
  /**
   * Returns an integer from 0 to `count - 1`. 0 is the harmless choice.
   *
   * @param at which decision under this key; the next one where it is left out.
   */
  choose(count: number, at?: number): number;
  /** Returns true with `probability` (0 to 1). False is the harmless choice. */
  chance(probability: number, at?: number): boolean;
  /**
   * Returns 0, the harmless choice, or with `probability` (0 to 1) an integer from 1 to `count`.
   */
  pick(probability: number, count: number, at?: number): number;
}

/**
 * The decisions of one run. Each is a keyed hash of the seed, a stable key and a number, so that
 * removing one decision changes no other. With a list of choices the run decides what the list
 * says, and the harmless choice where the list says nothing.
 */
export class Decisions {
  readonly seed: number;
  /** The choices of this run that were not harmless, in order. */
  readonly made: Choice[] = [];
  readonly #seed: HashKey;
  readonly #listed: Map<string, Map<number, number>> | undefined;
  readonly #points = new Map<string, Point>();
  /** From {@link Decisions.heal} on every choice is the harmless one. */
  #healed = false;

  constructor(seed: number, listed?: readonly Choice[]) {
    this.seed = seed;
    this.#seed = hashText(`seed ${seed}`);
    this.#listed = listed && byKey(listed);
  }

  /** Whether this run follows a list. */
  get listed(): boolean {
    return this.#listed !== undefined;
  }

  get healed(): boolean {
    return this.#healed;
  }

  /** Makes every choice from now on the harmless one. */
  heal(): void {
    this.#healed = true;
  }

  /** The decision point of `key`. The same object each time. */
  point(key: string): DecisionPoint {
    let point = this.#points.get(key);
    if (point === undefined) {
      const listed = this.#listed === undefined ? undefined : (this.#listed.get(key) ?? NONE);
      point = new Point(this, key, listed);
      this.#points.set(key, point);
    }
    return point;
  }

  /**
   * A number from 0 to 2^53 - 1 that depends on the seed, `key` and `at` alone. For what is random
   * but no fault: initial sequence numbers, the program's random numbers.
   */
  number(key: HashKey, at: number): number {
    return keyedHash(this.#seed, key, at);
  }

  /** For `Point`. */
  hash(key: HashKey, at: number): number {
    return keyedHash(this.#seed, key, at);
  }
}

const NONE: ReadonlyMap<number, number> = new Map();

class Point implements DecisionPoint {
  readonly #decisions: Decisions;
  readonly #key: string;
  readonly #hashKey: HashKey;
  readonly #listed: ReadonlyMap<number, number> | undefined;
  #next = 0;

  constructor(decisions: Decisions, key: string, listed: ReadonlyMap<number, number> | undefined) {
    this.#decisions = decisions;
    this.#key = key;
    this.#hashKey = hashText(key);
    this.#listed = listed;
  }

  choose(count: number, at: number = this.#next++): number {
    if (this.#decisions.healed || count < 2) return 0;
    if (this.#listed !== undefined) {
      return this.#record(at, Math.min(this.#listed.get(at) ?? 0, count - 1));
    }
    return this.#record(at, this.#decisions.hash(this.#hashKey, at) % count);
  }

  chance(probability: number, at: number = this.#next++): boolean {
    if (this.#decisions.healed || probability <= 0) return false;
    if (this.#listed !== undefined) return this.#record(at, this.#listed.has(at) ? 1 : 0) === 1;
    const hash = this.#decisions.hash(this.#hashKey, at);
    return this.#record(at, hash < probability * HASH_RANGE ? 1 : 0) === 1;
  }

  pick(probability: number, count: number, at: number = this.#next++): number {
    if (this.#decisions.healed || probability <= 0) return 0;
    if (this.#listed !== undefined) {
      return this.#record(at, Math.min(this.#listed.get(at) ?? 0, count));
    }
    const hash = this.#decisions.hash(this.#hashKey, at);
    const limit = Math.ceil(probability * HASH_RANGE);
    return this.#record(at, hash < limit ? 1 + (hash % count) : 0);
  }

  #record(at: number, value: number): number {
    if (value !== 0) this.#decisions.made.push({ key: this.#key, at, value });
    return value;
  }
}

function byKey(choices: readonly Choice[]): Map<string, Map<number, number>> {
  const map = new Map<string, Map<number, number>>();
  for (const { key, at, value } of choices) {
    const under = map.get(key);
    if (under === undefined) map.set(key, new Map([[at, value]]));
    else under.set(at, value);
  }
  return map;
}
