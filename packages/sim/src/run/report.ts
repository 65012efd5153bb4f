import type { Choice } from '../choice/decisions.ts';
import { formatTraceLine, type TraceLine } from '../trace/trace-entry.ts';
import type { Failure } from './failure.ts';

/** A failure that a campaign has found. */
export interface FoundFailure {
  readonly seed: number;
  readonly failure: Failure;
  /** The choices that are needed for it. */
  readonly choices: readonly Choice[];
  /** How many choices the run had before it was shrunk. */
  readonly choicesBefore: number;
  /** The hosts that are enough, of those that `sim.hosts` makes; `undefined`: all of them. */
  readonly hosts: Readonly<Record<string, number>> | undefined;
  /** When the shrunk run ends, in nanoseconds; `undefined`: as the options say. */
  readonly until: number | undefined;
  /** How many runs shrinking took. */
  readonly shrinkRuns: number;
  /** The last entries of the trace. */
  readonly lines: readonly TraceLine[];
  /** Where the replay file is; `undefined` when none was written. */
  readonly replayFile: string | undefined;
  /** Where the picture of the run is, an HTML file; `undefined` when none was drawn. */
  readonly picture: string | undefined;
  /** The first event that differs in a second run of the same seed; `undefined` when none does. */
  readonly difference: string | undefined;
}

/** What a campaign has found. */
export interface Report {
  readonly name: string | undefined;
  /** How many runs were made, not counting those that shrank a failure. */
  readonly runs: number;
  readonly firstSeed: number;
  /** Events of all runs. */
  readonly events: number;
  /** How long the runs took, in milliseconds of real time. */
  readonly tookMs: number;
  /** The hash of the last run's trace. */
  readonly hash: string;
  readonly found: FoundFailure | undefined;
  /** What was expected of the campaign, and never seen. */
  readonly unseen: readonly string[];
  /** The combinations of connection state, condition, new readiness and queue that were reached. */
  readonly coverage: ReadonlySet<string>;
  /** How many combinations were new in each 100 runs. */
  readonly newCoverage: readonly number[];
}

/** Thrown by `simulate` when a campaign has found a failure. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  readonly report: Report;

  constructor(report: Report) {
    const cause = report.found?.failure.cause;
    super(formatReport(report), cause === undefined ? undefined : { cause });
    this.report = report;
  }
}

/**
 * A report for people: what was broken, the last events, the faults that are needed, and how to see
 * it again.
 */
export function formatReport(report: Report): string {
  const { found, unseen } = report;
  if (found === undefined) {
    if (unseen.length === 0) return `${report.runs} runs passed`;
    return `never seen in ${report.runs} runs: ${unseen.join(', ')}`;
  }
  const { failure, seed, choices, choicesBefore, lines, replayFile, picture, difference } = found;
  const parts = [`${failure.message}`, '', `seed ${seed}; the last ${lines.length} events:`];
  parts.push(...lines.map((line) => `  ${formatTraceLine(line)}`), '');
  parts.push(
    choices.length === 0
      ? 'it fails without any fault'
      : `the faults that are needed (${choices.length} of ${choicesBefore} choices):`,
    ...choices.map(({ key, at, value }) => `  ${key} ${at}: ${value}`),
  );
  const enough = Object.entries(found.hosts ?? {}).map(([name, count]) => `${count} of '${name}'`);
  if (enough.length > 0) parts.push(`with fewer hosts: ${enough.join(', ')}`);
  if (difference !== undefined) {
    parts.push('', `the same seed gave two runs; the first difference: ${difference}`);
  }
  if (replayFile !== undefined) {
    parts.push(
      '',
      `replay file: ${replayFile}`,
      `replay:      npx evloop-sim replay ${replayFile}`,
    );
    parts.push(`picture:     ${picture ?? `npx evloop-sim view ${replayFile}`}`);
  }
  return parts.join('\n');
}
