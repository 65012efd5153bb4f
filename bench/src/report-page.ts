import { bytes, count, share, time } from './format.ts';
import { LAYER_HEAD, layerCells, layerCosts } from './layers.ts';
import {
  figure,
  medianOf,
  NO_VERDICT,
  relativeCosts,
  TARGET_HEAD,
  targetCells,
} from './report-text.ts';
import type { CaseResult, MicroResult, Result, Row, Sample } from './result.ts';
import { type Summary, summarize } from './statistics.ts';
import { judge, type Verdict } from './targets.ts';

/** The case that the page begins with; the others are folded. */
const HEADLINE = 'tcp-64x50';
/** What costs are compared with. */
const BASELINE = 'node';
const SCRIPTS = ['node', 'bun', 'deno'];

/** One bar of a chart: its median, and the range of the rounds. */
interface Bar extends Summary {
  readonly label: string;
  readonly kind: 'own' | 'script' | 'native';
}

/** The result as one HTML page that needs nothing but itself, and no script. */
export function renderPage(result: Result): string {
  const { machine, cases, micro, missing } = result;
  const first = cases.find(({ id }) => id === HEADLINE) ?? cases[0];
  const facts = [
    `${machine.date.slice(0, 10)}, commit ${machine.commit}`,
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.kernel}`,
    `${result.mode} run: ${result.rounds} interleaved rounds of ${result.secondsEach} s`,
    `load average before the run: ${machine.loadAverage.toFixed(2)}`,
  ];
  const folded = cases.map((one) => fold(one.title, renderCase(one)));
  if (micro.length > 0) folded.push(fold('Single operations', renderMicro(micro)));
  const layers = layerCosts(result);
  if (layers.length > 0) {
    const lines = [LAYER_HEAD, ...layers.map(layerCells)].map(row);
    folded.push(fold('Layers', wide(lines.join(''))));
  }
  folded.push(fold('Targets', renderTargets(judge(result), result)));
  const versions = Object.entries(machine.versions).map((entry) => row(entry));
  folded.push(fold('Versions', wide(versions.join(''))));
  if (missing.length > 0) {
    const lines = missing.map(({ what, why, command }) => row([what, why, command]));
    folded.push(fold('Not measured', wide(lines.join(''))));
  }
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>evloop: benchmark of ${escapeHtml(machine.date.slice(0, 10))}</title>
<style>${STYLE}</style>
<h1>evloop: what a message costs</h1>
<p>${facts.map(escapeHtml).join('<br>')}</p>
${first === undefined ? '' : `<h2>${escapeHtml(first.title)}</h2>\n${costChart(first)}`}
<p>Bars are medians of the rounds; the thin lines are their middle half. Processor time is the server's,
user and system, all threads. All servers ran on loopback, each in its own process, and every echoed
byte was checked.</p>
${folded.join('\n')}
</html>
`;
}

const fold = (title: string, content: string): string =>
  `<details><summary>${escapeHtml(title)}</summary>\n${content}\n</details>`;

const wide = (rows: string): string => `<div class="wide"><table>${rows}</table></div>`;

/** Costs in units of the baseline's in the same rounds; without a baseline, in microseconds. */
function costChart({ rows, message }: CaseResult): string {
  const baseline = rows.find(({ contestant }) => contestant === BASELINE);
  const measured = rows.filter(({ samples }) => samples.length > 0);
  if (baseline === undefined || baseline.samples.length === 0) {
    return chart(`microseconds of processor time per ${message}`, time, measured, (found) =>
      summarize(figure(found, ({ cpuUs }) => cpuUs)),
    );
  }
  const unit = `${time(medianOf(baseline, ({ cpuUs }) => cpuUs))} µs per ${message}`;
  const title = `processor time per ${message}: 1 is ${baseline.title}, ${unit}`;
  return chart(title, share, measured, (found) => relativeCosts(found, baseline));
}

function chart(
  title: string,
  format: (value: number) => string,
  rows: readonly Row[],
  measure: (found: Row) => Summary,
): string {
  const bars = rows
    .map((found): Bar => ({ label: found.title, kind: kindOf(found), ...measure(found) }))
    .filter(({ median }) => Number.isFinite(median));
  if (bars.length === 0) return '';
  const most = Math.max(...bars.map(({ upper }) => upper));
  const percent = (value: number): string => `${((100 * value) / most).toFixed(2)}%`;
  const lines = bars.map(
    ({ label, kind, median, lower, upper }) => `<div class="label">${escapeHtml(label)}</div>
<div class="track"><div class="bar ${kind}" style="width:${percent(median)}"></div>
<div class="range" style="left:${percent(lower)};width:${percent(upper - lower)}"></div></div>
<div class="value">${format(median)}</div>`,
  );
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
<div class="chart">${lines.join('\n')}</div></figure>`;
}

function kindOf({ contestant, title }: Row): Bar['kind'] {
  if (title.startsWith('@evloop')) return 'own';
  return SCRIPTS.includes(contestant) ? 'script' : 'native';
}

function renderCase(one: CaseResult): string {
  const measured = one.rows.filter(({ samples }) => samples.length > 0);
  const of = (pick: (sample: Sample) => number | undefined) => (found: Row) =>
    summarize(figure(found, pick));
  return `<div class="charts">
${costChart(one)}
${chart(
  `${pluralOf(one.message)} per second`,
  count,
  measured,
  of((sample) => sample.perSecond),
)}
${chart(
  'microseconds of latency, 99th percentile',
  time,
  measured,
  of((sample) => sample.p99),
)}
</div>
${caseTable(one)}`;
}

const pluralOf = (message: string): string =>
  message === 'delivery' ? 'deliveries' : `${message}${message.endsWith('o') ? 'es' : 's'}`;

function caseTable({ rows, message }: CaseResult): string {
  const baseline = rows.find(({ contestant }) => contestant === BASELINE);
  const head = ['', `cost of ${BASELINE}'s`, 'range', `${pluralOf(message)} per second`];
  head.push('p50 µs', 'p99', 'p99.9', 'system calls', 'server busy', 'load busy');
  const idle = rows.some(({ rssEach }) => rssEach !== undefined);
  if (idle) head.push('of the cost alone', 'RSS each', 'heap each');
  const lines = rows.map((found) => {
    if (found.samples.length === 0) return row([found.title, found.failure ?? '']);
    const middle = (pick: (sample: Sample) => number | undefined): number => medianOf(found, pick);
    const cost = baseline === undefined ? undefined : relativeCosts(found, baseline);
    const cells = [
      found.failure === undefined ? found.title : `${found.title} (failed: ${found.failure})`,
      share(cost?.median ?? Number.NaN),
      Number.isFinite(cost?.lower) ? `${share(cost?.lower ?? 0)}–${share(cost?.upper ?? 0)}` : '',
      count(middle(({ perSecond }) => perSecond)),
      time(middle(({ p50 }) => p50)),
      time(middle(({ p99 }) => p99)),
      time(middle(({ p999 }) => p999)),
      share(found.syscalls ?? Number.NaN),
      share(middle((sample) => sample.serverBusy)),
      share(middle((sample) => sample.loadBusy)),
    ];
    if (idle) {
      cells.push(share(middle(({ cpuUs, aloneCpuUs }) => aloneCpuUs && cpuUs / aloneCpuUs)));
      cells.push(bytes(found.rssEach), bytes(found.heapEach));
    }
    return row(cells);
  });
  const titles = head.map((cell) => `<th>${escapeHtml(cell)}</th>`).join('');
  return wide(`<tr>${titles}</tr>${lines.join('')}`);
}

function renderMicro(micro: readonly MicroResult[]): string {
  const rows = micro.map(({ backend, title, median, lower, upper, failure }) =>
    row([backend, title, failure ?? time(median), failure ? '' : `${time(lower)}–${time(upper)}`]),
  );
  const head =
    '<tr><th>backend</th><th>operation</th><th>nanoseconds</th><th>best to upper quartile</th></tr>';
  return wide(`${head}${rows.join('')}`);
}

function renderTargets(verdicts: readonly Verdict[], { mode }: Result): string {
  if (verdicts.length === 0) {
    return `<p>${mode === 'quick' ? NO_VERDICT : 'The cases of the targets were not measured.'}</p>`;
  }
  const head = TARGET_HEAD.map((cell) => `<th>${escapeHtml(cell)}</th>`).join('');
  const rows = verdicts.map((verdict) => row(targetCells(verdict)));
  return wide(`<tr>${head}</tr>${rows.join('')}`);
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; color: #222; background: #fff }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem 2rem }
figure { margin: 1rem 0 } figcaption { font-weight: 600; margin-bottom: .5rem }
.chart { display: grid; grid-template-columns: minmax(6rem, 13rem) 1fr auto; gap: .3rem .7rem; align-items: center }
.label { text-align: right; overflow-wrap: anywhere } .value { font-variant-numeric: tabular-nums }
.track { position: relative; height: 1.1rem } .bar { height: 100% }
.own { background: #0072b2 } .script { background: #e69f00 } .native { background: #999 }
.range { position: absolute; top: calc(50% - 1px); height: 2px; background: #222 }
details { margin: .7rem 0 } summary { cursor: pointer; font-size: 1.15rem; font-weight: 600 }
.wide { overflow-x: auto } table { border-collapse: collapse; font-size: 13px; margin: 1rem 0 }
td, th { padding: .15rem .6rem; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap }
td:first-child, th:first-child, td:nth-child(2):last-child { text-align: left }`;
