import Table from 'cli-table3';
import { bytes, count, share, time } from './format.ts';
import { LAYER_HEAD, type LayerCost, layerCells, layerCosts } from './layers.ts';
import type { CaseResult, MicroResult, Result, Row, Sample } from './result.ts';
import { ratios, type Summary, summarize } from './statistics.ts';
import { judge, type Verdict } from './targets.ts';

/** What each contestant is compared with, where it took part. */
export const BASELINES = ['node', 'mio'] as const;

/** A figure of all rounds. */
export function figure(row: Row, pick: (sample: Sample) => number | undefined): number[] {
  return row.samples.flatMap((sample) => (sample === undefined ? [] : (pick(sample) ?? [])));
}

/** The row's processor time per message in units of the baseline's in the same rounds. */
export function relativeCosts(row: Row, baseline: Row): Summary {
  const costs = ({ samples }: Row) => samples.map((sample) => sample?.cpuUs);
  return summarize(ratios(costs(row), costs(baseline)));
}

/** The median of {@link relativeCosts}; NaN without a baseline. */
export function relativeCost(row: Row, baseline: Row | undefined): number {
  return baseline === undefined ? Number.NaN : relativeCosts(row, baseline).median;
}

/** The whole result for a terminal. */
export function renderText(result: Result): string {
  const parts = [renderMachine(result)];
  for (const one of result.cases) parts.push(renderCase(one));
  if (result.micro.length > 0) parts.push(renderMicro(result.micro));
  const layers = layerCosts(result);
  if (layers.length > 0) parts.push(renderLayers(layers));
  const verdicts = judge(result);
  if (verdicts.length > 0) parts.push(renderTargets(verdicts));
  else if (result.mode === 'quick') parts.push(NO_VERDICT);
  if (result.missing.length > 0) parts.push(renderMissing(result));
  parts.push(NOTES);
  return parts.join('\n\n');
}

const PLAIN = { head: [], border: [], compact: true };

const NOTES = `cpu: processor time of the server per message (user and system, all threads), median of the rounds, and the range of the middle half of them.
× node, × mio: the same in units of that contestant's, median of the ratios within each round. Below 1 is cheaper.
busy: share of a core that the server / the load generator used. Where the load generator's is near 1 and the server's is not, the rate is the load's; cpu is not affected.`;

function renderMachine({ machine, mode, rounds, secondsEach }: Result): string {
  const versions = Object.entries(machine.versions).map(
    ([name, version]) => `  ${name}: ${version}`,
  );
  return [
    `evloop bench, ${mode}: ${rounds} interleaved rounds of ${secondsEach} s`,
    `${machine.date}  commit ${machine.commit}`,
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.kernel}, load average before ${machine.loadAverage.toFixed(2)}`,
    ...versions,
  ].join('\n');
}

function renderCase({ title, message, rows }: CaseResult): string {
  const baselines = BASELINES.map((id) => rows.find((row) => row.contestant === id));
  const idle = rows.some((row) => row.rssEach !== undefined);
  const head = [title, `cpu µs/${message}`, 'range', ...BASELINES.map((id) => `× ${id}`)];
  head.push('per second', 'p50 µs', 'p99', 'p99.9', 'syscalls', 'busy');
  if (idle) head.push('× alone', 'RSS each', 'heap each');
  const table = new Table({
    head,
    style: PLAIN,
    colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')),
  });
  for (const row of rows) {
    if (row.samples.length === 0) {
      table.push([row.title, { colSpan: head.length - 1, content: row.failure ?? '' }]);
      continue;
    }
    const middle = (pick: (sample: Sample) => number | undefined): number => medianOf(row, pick);
    const cells = [
      ...costCells(row, baselines),
      `${share(middle((sample) => sample.serverBusy))} / ${share(middle((sample) => sample.loadBusy))}`,
    ];
    if (idle) {
      cells.push(
        share(middle(({ cpuUs, aloneCpuUs }) => aloneCpuUs && cpuUs / aloneCpuUs)),
        bytes(row.rssEach),
        bytes(row.heapEach),
      );
    }
    table.push(cells);
  }
  const lost = rows.filter((row) => summarize(figure(row, (sample) => sample.lost)).median > 0);
  const losses = lost.map(
    (row) => `${row.title} ${share(100 * summarize(figure(row, (s) => s.lost)).median)} %`,
  );
  return table.toString() + (losses.length > 0 ? `\nlost: ${losses.join(', ')}` : '');
}

function renderMicro(micro: readonly MicroResult[]): string {
  const backends = [...new Set(micro.map(({ backend }) => backend))];
  const titles = [...new Set(micro.map(({ title }) => title))];
  const table = new Table({
    head: ['one operation, ns (best – upper quartile)', ...backends],
    style: PLAIN,
    colAligns: ['left', ...backends.map(() => 'right' as const)],
  });
  for (const title of titles) {
    const cells = backends.map((name) => {
      const found = micro.find((one) => one.title === title && one.backend === name);
      if (found === undefined) return '';
      if (found.failure !== undefined) return found.failure;
      return `${time(found.median)}  (${time(found.lower)} – ${time(found.upper)})`;
    });
    table.push([title, ...cells]);
  }
  return table.toString();
}

/** The middle of what the rounds measured. */
export function medianOf(row: Row, pick: (sample: Sample) => number | undefined): number {
  return summarize(figure(row, pick)).median;
}

/**
 * The first cells of a server, for every kind of report: who it is, what it costs, how fast it is,
 * its system calls.
 */
export function costCells(row: Row, baselines: readonly (Row | undefined)[]): string[] {
  const cost = summarize(figure(row, ({ cpuUs }) => cpuUs));
  return [
    row.failure === undefined ? row.title : `${row.title} (failed: ${row.failure})`,
    time(cost.median),
    `${time(cost.lower)}–${time(cost.upper)}`,
    ...baselines.map((baseline) => share(relativeCost(row, baseline))),
    count(medianOf(row, ({ perSecond }) => perSecond)),
    time(medianOf(row, ({ p50 }) => p50)),
    time(medianOf(row, ({ p99 }) => p99)),
    time(medianOf(row, ({ p999 }) => p999)),
    share(row.syscalls ?? Number.NaN),
  ];
}

/** The cells of a target, for every kind of report. */
export function targetCells({ title, contestant, of, most, measured, met }: Verdict): string[] {
  const { median, lower, upper } = measured;
  const range = Number.isNaN(lower) ? '' : `${share(lower)}–${share(upper)}`;
  return [
    title,
    `${contestant} / ${of}`,
    share(most),
    share(median),
    range,
    met ? 'met' : 'missed',
  ];
}

/** What a quick run says of the targets. */
export const NO_VERDICT =
  'A quick run gives no verdict on the targets: three short rounds tell what is twice as fast, no less.';

export const TARGET_HEAD = ['targets', '', 'at most', 'measured', 'range', ''];

function renderLayers(layers: readonly LayerCost[]): string {
  const table = new Table({ head: LAYER_HEAD, style: PLAIN });
  for (const cost of layers) table.push(layerCells(cost));
  return table.toString();
}

function renderTargets(verdicts: readonly Verdict[]): string {
  const table = new Table({ head: TARGET_HEAD, style: PLAIN });
  for (const verdict of verdicts) table.push(targetCells(verdict));
  return table.toString();
}

function renderMissing({ missing }: Result): string {
  const lines = missing.map(
    ({ what, why, command }) => `  ${what}: ${why}. To have it: ${command}`,
  );
  return `Not measured:\n${lines.join('\n')}`;
}
