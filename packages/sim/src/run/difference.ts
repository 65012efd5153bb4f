import { formatTraceLine } from '../trace/trace-entry.ts';
import { Failure } from './failure.ts';
import type { SimulateOptions } from './options.ts';
import { type Outcome, runOnce, type SimulationBody } from './run-once.ts';

/**
 * Runs a seed again, with what no program may rely on the other way round, and looks for the first
 * event that differs.
 */
export async function firstDifference(
  options: SimulateOptions,
  body: SimulationBody,
  first: Outcome,
): Promise<{ failure: Failure; difference: string } | undefined> {
  const { seed } = first;
  const again = await runOnce(options, body, { seed, perturbed: true });
  if (again.hash === first.hash) return undefined;
  const one = await runOnce(options, body, { seed, traceAll: true });
  const other = await runOnce(options, body, { seed, traceAll: true, perturbed: true });
  const difference = compareTraces(one, other) ?? 'only where no event is recorded';
  const message = `the same seed gives different runs: something outside of the simulation decides (first difference: ${difference})`;
  return { failure: new Failure('leak', message), difference };
}

/** The first entry in which two traces differ, in words; `undefined` when none does. */
export function compareTraces(one: Outcome, other: Outcome): string | undefined {
  const length = Math.max(one.lines.length, other.lines.length);
  for (let i = 0; i < length; i++) {
    const [a, b] = [one.lines[i], other.lines[i]];
    const [left, right] = [a, b].map((line) =>
      line === undefined ? 'the end' : formatTraceLine(line).trim(),
    );
    if (left !== right) return `event ${i + 1}: ${left} | ${right}`;
  }
  return undefined;
}
