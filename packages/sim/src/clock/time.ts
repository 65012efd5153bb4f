/** Nanoseconds in a millisecond. */
export const MS = 1_000_000;
/** Nanoseconds in a microsecond. */
export const US = 1000;
/** Nanoseconds in a second. */
export const SECOND = 1_000_000_000;

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: US,
  µs: US,
  ms: MS,
  s: SECOND,
  min: 60 * SECOND,
  h: 3600 * SECOND,
};

/**
 * A length of time: a number of milliseconds, or a text with a unit: `'5ms'`, `'1.5s'`, `'2min'`.
 */
export type Duration = number | string;

/**
 * Returns the length of `duration` in whole nanoseconds, rounded up.
 *
 * @throws RangeError: it is negative, not finite, or has no known unit.
 */
export function toNanoseconds(duration: Duration, name = 'duration'): number {
  if (typeof duration === 'number' && duration >= 0 && duration < 1e12) {
    return Math.ceil(duration * MS);
  }
  const match = /^(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|min|h)$/.exec(String(duration));
  if (typeof duration === 'string' && match !== null) {
    return Math.ceil(Number(match[1]) * (UNITS[match[2] as string] as number));
  }
  throw new RangeError(
    `invalid ${name}: ${String(duration)} (expected milliseconds from 0, or a text like '5ms', '2s')`,
  );
}

/** Writes a time for people: `12.345 ms`, `3.2 s`. */
export function formatTime(nanoseconds: number): string {
  if (nanoseconds < US) return `${nanoseconds} ns`;
  if (nanoseconds < MS) return `${trim(nanoseconds / US)} µs`;
  if (nanoseconds < SECOND) return `${trim(nanoseconds / MS)} ms`;
  return `${trim(nanoseconds / SECOND)} s`;
}

function trim(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
