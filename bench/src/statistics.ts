/**
 * A set of measurements in three numbers: the median, and the range of the middle half, from
 * quartile to quartile.
 */
export interface Summary {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * The median and the quartiles of `values`; NaN when there are none. Not the least and the most:
 * with other work on the machine those tell of that work, and the more rounds there are, the more.
 */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    lower: quantile(sorted, 0.25),
    upper: quantile(sorted, 0.75),
  };
}

/** Between two values it lies in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** The ratios of the rounds in which both were measured. */
export function ratios(
  values: readonly (number | undefined)[],
  baseline: readonly (number | undefined)[],
): number[] {
  const found: number[] = [];
  values.forEach((value, round) => {
    const base = baseline[round];
    if (value !== undefined && base !== undefined && base > 0) found.push(value / base);
  });
  return found;
}

/** Whether two ranges have no value in common: a difference beyond the spread. */
export function apart(a: Summary, b: Summary): boolean {
  return a.upper < b.lower || b.upper < a.lower;
}
