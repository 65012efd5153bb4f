/** A monotonic clock, in milliseconds with fractions: `performance` is one. */
export interface Clock {
  /** Returns the time since some fixed moment. It never goes back. */
  now(): number;
}

/** The host's clock. It is looked up once: Node's global is a getter. */
export const hostClock: Clock = (globalThis as unknown as { performance: Clock }).performance;
