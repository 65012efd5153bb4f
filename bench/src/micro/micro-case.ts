/** One operation to be timed. */
export interface MicroCase {
  readonly id: string;
  readonly title: string;
  /** How many operations one `run` does: so many that the clock can tell. */
  readonly operations: number;
  /**
   * So many runs, and not as many as fill the time: for a `run` that spends most of its time on
   * what is not timed.
   */
  readonly runs?: number;
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
