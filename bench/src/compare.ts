import Table from 'cli-table3';
import type { CaseResult, Result, Row } from './result.ts';
import { apart, ratios, type Summary, summarize } from './statistics.ts';

/** How one contestant did in one case, then and now. */
export interface Change {
  readonly case: string;
  readonly contestant: string;
  /** Now divided by then. Below 1 is faster. */
  readonly ratio: number;
  /** Whether the two ranges are apart. */
  readonly beyondSpread: boolean;
  /**
   * What both were measured against, in the same rounds; none: the absolute figures were compared.
   */
  readonly yardstick: string | undefined;
}

/**
 * Those that do not change from one of our commits to the next: what they cost tells how fast the
 * machine was.
 */
const YARDSTICKS = ['c', 'mio', 'libuv', 'node'];

/**
 * Compares processor time per message, and the time of each micro operation. Where both results
 * have a peer that is not ours, its cost in the same rounds is the unit, so that a machine that was
 * busier, or another one, does not look like a change.
 */
export function compareResults(before: Result, after: Result): Change[] {
  const changes: Change[] = [];
  for (const now of after.cases) {
    const then = before.cases.find(({ id }) => id === now.id);
    if (then !== undefined) changes.push(...compareCase(then, now));
  }
  for (const now of after.micro) {
    const then = before.micro.find(({ id, backend }) => id === now.id && backend === now.backend);
    if (then === undefined || then.failure !== undefined || now.failure !== undefined) continue;
    changes.push({
      case: now.title,
      contestant: now.backend,
      ratio: now.median / then.median,
      beyondSpread: apart(then, now),
      yardstick: undefined,
    });
  }
  return changes;
}

function compareCase(then: CaseResult, now: CaseResult): Change[] {
  const yardstick = YARDSTICKS.find((id) => costs(then, id) && costs(now, id));
  const changes: Change[] = [];
  for (const { contestant } of now.rows) {
    const old = measured(then, contestant, yardstick);
    const fresh = measured(now, contestant, yardstick);
    if (contestant === yardstick || old === undefined || fresh === undefined) continue;
    changes.push({
      case: now.title,
      contestant,
      ratio: fresh.median / old.median,
      beyondSpread: apart(old, fresh),
      yardstick,
    });
  }
  return changes;
}

function measured(
  result: CaseResult,
  contestant: string,
  yardstick: string | undefined,
): Summary | undefined {
  const own = costs(result, contestant);
  const base = yardstick === undefined ? undefined : costs(result, yardstick);
  if (own === undefined) return undefined;
  return summarize(
    base === undefined ? own.filter((cost) => cost !== undefined) : ratios(own, base),
  );
}

function costs(result: CaseResult, contestant: string): (number | undefined)[] | undefined {
  const row: Row | undefined = result.rows.find((found) => found.contestant === contestant);
  return row?.failure === undefined ? row?.samples.map((sample) => sample?.cpuUs) : undefined;
}

/** The comparison as a table: what moved beyond the spread first. */
export function renderComparison(changes: readonly Change[]): string {
  const moved = changes.filter(({ beyondSpread }) => beyondSpread);
  if (changes.length === 0) return 'Nothing to compare: no case and no contestant is in both.';
  if (moved.length === 0) return `No change beyond the spread in ${changes.length} comparisons.`;
  const table = new Table({
    head: ['case', 'contestant', 'now / then', '', 'measured against'],
    style: { head: [], border: [] },
  });
  for (const change of moved.sort((a, b) => b.ratio - a.ratio)) {
    const word = change.ratio > 1 ? 'slower' : 'faster';
    table.push([
      change.case,
      change.contestant,
      change.ratio.toFixed(3),
      word,
      change.yardstick ?? 'the clock',
    ]);
  }
  return `${moved.length} of ${changes.length} changed beyond the spread:\n${table.toString()}`;
}
