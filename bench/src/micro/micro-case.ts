/** One operation to be timed. */
export interface MicroCase {
  readonly id: string;
  readonly title: string;
  /** How many operations one `run` does: so many that the clock can tell. */
  readonly operations: number;
  /** Does them; answers how long they took when it did something else besides. */
  run(): unknown;
  /** Closes what it opened. */
  end?(): unknown;
}

/** What tinybench takes instead of its own measurement, in milliseconds. */
export interface Timed {
  readonly overriddenDuration: number;
}

/** Times a part of a run. */
export function timed(work: () => void): Timed {
  const start = performance.now();
  work();
  return { overriddenDuration: performance.now() - start };
}
