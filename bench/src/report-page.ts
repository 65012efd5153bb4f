import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytes, share, time } from './format.ts';
import { bench } from './place.ts';
import { BASELINES, costCells, figure, medianOf, TARGET_HEAD, targetCells } from './report-text.ts';
import type { CaseResult, MicroResult, Result, Row, Sample } from './result.ts';
import { type Summary, summarize } from './statistics.ts';
import { judge, type Verdict } from './targets.ts';

/** One bar of a chart: its median, and the range of the rounds. */
interface Bar extends Summary {
  readonly label: string;
  readonly kind: 'own' | 'script' | 'native';
}

interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly logarithmic: boolean;
  readonly bars: readonly Bar[];
}

const SCRIPTS = ['node', 'bun', 'deno'];

/** The result as one HTML page that needs nothing but itself. */
export function renderPage(result: Result): string {
  const charts: Chart[] = [];
  const sections = result.cases.map((one) => renderCase(one, charts));
  if (result.micro.length > 0) sections.push(renderMicro(result.micro));
  const verdicts = judge(result);
  if (verdicts.length > 0) sections.push(renderTargets(verdicts));
  const { machine } = result;
  const facts = [
    `${machine.date.slice(0, 10)}, commit ${machine.commit}`,
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.kernel}`,
    `${result.mode} run: ${result.rounds} interleaved rounds of ${result.secondsEach} s`,
    `load average before the run: ${machine.loadAverage.toFixed(2)}`,
  ];
  const versions = Object.entries(machine.versions).map((entry) => row(entry));
  const missing = result.missing.map(({ what, why, command }) => row([what, why, command]));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>evloop: benchmark of ${escapeHtml(machine.date.slice(0, 10))}</title>
<style>${STYLE}</style>
<h1>evloop: what a message costs</h1>
<p>${facts.map(escapeHtml).join('<br>')}</p>
<p>Bars are medians of the rounds, whiskers their middle half. Processor time is the server's, user and system, all threads. Ratios are
medians of the ratios within each round. All servers ran on loopback, each in its own process, and every echoed byte was checked.</p>
${sections.join('\n')}
<h2>Versions</h2><table>${versions.join('')}</table>
${missing.length > 0 ? `<h2>Not measured</h2><table>${missing.join('')}</table>` : ''}
<script>${chartLibrary()}</script>
<script>const charts = ${json(charts)};${DRAW}</script>
</html>
`;
}

function renderCase(one: CaseResult, charts: Chart[]): string {
  const rows = one.rows.filter(({ samples }) => samples.length > 0);
  const chart = (
    title: string,
    unit: string,
    pick: (sample: Sample) => number | undefined,
    logarithmic = false,
  ): string => {
    const bars = rows
      .map((found) => bar(found, pick))
      .filter(({ median }) => Number.isFinite(median));
    if (bars.length === 0) return '';
    charts.push({ title, unit, logarithmic, bars });
    return `<div class="chart" style="height:${60 + 26 * bars.length}px"><canvas></canvas></div>`;
  };
  return `<h2 id="${one.id}">${escapeHtml(one.title)}</h2>
<div class="charts">
${chart(`processor time per ${one.message}`, 'µs', (sample) => sample.cpuUs)}
${chart('how many a second', '', (sample) => sample.perSecond)}
${chart('latency, 99th percentile', 'µs', (sample) => sample.p99, true)}
</div>
${caseTable(one)}`;
}

function caseTable({ rows, message }: CaseResult): string {
  const baselines = BASELINES.map((id) => rows.find(({ contestant }) => contestant === id));
  const head = ['', `cpu µs/${message}`, 'range', ...BASELINES.map((id) => `× ${id}`)];
  head.push('per second', 'p50 µs', 'p99', 'p99.9', 'syscalls', 'server busy', 'load busy');
  const idle = rows.some(({ rssEach }) => rssEach !== undefined);
  if (idle) head.push('× alone', 'RSS each', 'heap each');
  const lines = rows.map((found) => {
    if (found.samples.length === 0) return row([found.title, found.failure ?? '']);
    const middle = (pick: (sample: Sample) => number | undefined): number => medianOf(found, pick);
    const cells = [
      ...costCells(found, baselines),
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
  return `<div class="wide"><table><tr>${titles}</tr>${lines.join('')}</table></div>`;
}

function renderMicro(micro: readonly MicroResult[]): string {
  const rows = micro.map(({ backend, title, median, lower, upper, failure }) =>
    row([backend, title, failure ?? time(median), failure ? '' : `${time(lower)}–${time(upper)}`]),
  );
  return `<h2>Single operations</h2><table>
<tr><th>backend</th><th>operation</th><th>ns</th><th>best to upper quartile</th></tr>${rows.join('')}</table>`;
}

function renderTargets(verdicts: readonly Verdict[]): string {
  const head = TARGET_HEAD.map((cell) => `<th>${escapeHtml(cell)}</th>`).join('');
  const rows = verdicts.map((verdict) => row(targetCells(verdict)));
  return `<h2>Targets</h2><div class="wide"><table><tr>${head}</tr>${rows.join('')}</table></div>`;
}

function bar(found: Row, pick: (sample: Sample) => number | undefined): Bar {
  const { contestant } = found;
  const own = found.title.startsWith('@evloop');
  const kind = own ? 'own' : SCRIPTS.includes(contestant) ? 'script' : 'native';
  return { label: found.title, kind, ...summarize(figure(found, pick)) };
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** As a script may contain it. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function chartLibrary(): string {
  // By path: the package exports it to bundlers only.
  const source = readFileSync(join(bench, 'node_modules/chart.js/dist/chart.umd.min.js'), 'utf8');
  return source.replace(/^\/\/# sourceMappingURL.*$/m, '').replaceAll('</script', '<\\/script');
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem; color: #222; background: #fff }
h2 { margin-top: 2.5rem } .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 1rem }
.chart { position: relative } .wide { overflow-x: auto } table { border-collapse: collapse; font-size: 13px; margin: 1rem 0 }
td, th { padding: .15rem .6rem; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap }
td:first-child, th:first-child, td:nth-child(2):last-child { text-align: left }`;

// Horizontal bars; a second, thin bar over each shows the range.
const DRAW = `
const colours = { own: '#0072b2', script: '#e69f00', native: '#999999' };
Chart.defaults.animation = false;
document.querySelectorAll('.chart canvas').forEach((canvas, i) => {
  const { title, unit, logarithmic, bars } = charts[i];
  const common = { grouped: false };
  new Chart(canvas, {
    type: 'bar',
    data: {
      labels: bars.map((b) => b.label),
      datasets: [
        { ...common, data: bars.map((b) => [b.lower, b.upper]), backgroundColor: '#222', barPercentage: 0.12, order: 0 },
        { ...common, data: bars.map((b) => b.median), backgroundColor: bars.map((b) => colours[b.kind]), barPercentage: 0.9, order: 1 },
      ],
    },
    options: {
      indexAxis: 'y', maintainAspectRatio: false,
      scales: { x: { type: logarithmic ? 'logarithmic' : 'linear', beginAtZero: !logarithmic, title: { display: unit !== '', text: unit } } },
      plugins: { legend: { display: false }, title: { display: true, text: title } },
    },
  });
});`;
