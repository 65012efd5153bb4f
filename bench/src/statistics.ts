/** A set of measurements in three numbers. */
export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The median and the range of `values`; NaN when there are none. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? Number.NaN);
  return {
    median: (lower + upper) / 2,
    least: sorted[0] ?? Number.NaN,
    most: sorted[sorted.length - 1] ?? Number.NaN,
  };
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
  return a.most < b.least || b.most < a.least;
}
