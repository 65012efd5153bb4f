// The chart in the README: one case of one run, as an SVG file that needs nothing but itself. It
// follows the reader's colour scheme, and has a background of its own, so that it is legible also
// where the page around it does not.
//
//   node bench/dist/src/chart.js                 draws docs/benchmark.svg from docs/benchmark.json
//   node bench/dist/src/chart.js result.json     takes the case from a result of the benchmark
//                                                first,
//                                                and writes the whole report to docs/benchmark.html
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bench } from './place.ts';
import { renderPage } from './report-page.ts';
import { figure, relativeCosts } from './report-text.ts';
import type { CaseResult, Machine, Result } from './result.ts';
import { type Summary, summarize } from './statistics.ts';

/** What is kept of a run: where and how it was measured, and the one case. */
export interface ChartData {
  readonly machine: Machine;
  readonly rounds: number;
  readonly case: CaseResult;
}

interface Bar extends Summary {
  readonly label: string;
  readonly own: boolean;
}

const CASE = 'tcp-64x50';
const BASELINE = 'node';
/** What the layers of ours are compared with: another question than that of the chart. */
const LEFT_OUT = ['bare-sync', 'bare', 'bare-net', 'streams'];
/**
 * What a contestant is called here, where its title in the reports speaks of other cases as well.
 */
const LABELS: Readonly<Record<string, string>> = {
  node: 'node:net',
  bun: 'Bun.listen',
  deno: 'Deno.listen',
  'mio-short': 'Rust mio, short reads',
  c: 'C, system calls alone',
};

/**
 * Pixels. The columns: labels, which end where the numbers begin; numbers, which end where the bars
 * begin.
 */
const [WIDTH, MARGIN, NUMBERS, BARS] = [760, 20, 214, 270];
const [TOP, ROW, NOTE] = [78, 28, 17];
/**
 * How wide a character is at the most, as a share of the font's size: which font there is, nobody
 * knows.
 */
const CHARACTER = 0.6;
const NOTE_SIZE = 12;

const STYLE = `
svg { font: 14px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
.card { fill: #ffffff; stroke: #d1d9e0 } .title { font-size: 17px; font-weight: 600 } .note { font-size: ${NOTE_SIZE}px } .note, .about { fill: #59636e }
.own { font-weight: 600 } rect.own { fill: #0969da } rect.other { fill: #afb8c1 } .range { stroke: #1f2328; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
svg { fill: #f0f6fc } .card { fill: #0d1117; stroke: #3d444d } .note, .about { fill: #9198a1 }
rect.own { fill: #1f6feb } rect.other { fill: #656c76 } .range { stroke: #f0f6fc }
}`;

/** The part of a result that the chart shows. */
export function chartData({ machine, rounds, cases }: Result): ChartData {
  const found = cases.find(({ id }) => id === CASE);
  if (found === undefined) throw new Error(`the result does not have the case ${CASE}`);
  return { machine, rounds, case: found };
}

/**
 * Horizontal bars, the shortest first: the median of the rounds, and a line over their middle half.
 * In units of `node:net` in the same round, since a machine that others use too is not as fast in
 * one round as in the next.
 */
export function drawChart({ machine, rounds, case: { title, message, rows } }: ChartData): string {
  const baseline = rows.find(({ contestant }) => contestant === BASELINE);
  if (baseline === undefined) throw new Error(`the result does not have ${BASELINE}`);
  const bars = rows
    .filter(({ samples, failure }) => samples.length > 0 && failure === undefined)
    .filter(({ contestant }) => !LEFT_OUT.includes(contestant))
    .map((row): Bar => {
      const label = LABELS[row.contestant] ?? row.title;
      const own = row.title.startsWith('@evloop');
      return { label, own, ...relativeCosts(row, baseline) };
    })
    .sort((a, b) => a.median - b.median);
  // A long range is not let to squeeze the bars: it is cut off at the edge, and the note says so.
  const longest = Math.max(...bars.map(({ median }) => median));
  const end = Math.min(1.4 * longest, Math.max(...bars.map(({ upper }) => upper)));
  const beyond = bars
    .filter(({ upper }) => upper > end)
    .map(({ label, upper }) => `That of ${label} goes on to ${upper.toFixed(2)}.`);
  const notes = wrap(
    [
      `Medians of ${rounds} rounds; the lines are their middle half.`,
      ...beyond,
      describe(machine),
    ].join(' '),
  );
  const bottom = TOP + bars.length * ROW;
  const height = bottom + 22 + notes.length * NOTE;
  const unit = summarize(figure(baseline, ({ cpuUs }) => cpuUs)).median;
  const inUnits = `in units of node:net (${unit.toFixed(0)} µs)`;
  const about = `processor time of the server for one ${message}, ${inUnits}: shorter is better`;
  const alternative = bars.map(({ label, median }) => `${label} ${median.toFixed(2)}`).join(', ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escapeXml(`${title}, ${about}: ${alternative}`)}</title>
<style>${STYLE}
</style>
<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>
<text class="title" x="${MARGIN}" y="34">${escapeXml(title)}</text>
<text class="about" x="${MARGIN}" y="57">${escapeXml(about)}</text>
${drawBars(bars, end)}
${notes.map((note, i) => `<text class="note" x="${MARGIN}" y="${bottom + 22 + NOTE * i}">${escapeXml(note)}</text>`).join('\n')}
</svg>
`;
}

/** @param end the value at the right edge. */
function drawBars(bars: readonly Bar[], end: number): string {
  const place = (value: number) =>
    round(BARS + ((WIDTH - MARGIN - BARS) * Math.min(value, end)) / end);
  const rows = bars.map(({ label, own, median, lower, upper }, i) => {
    const y = TOP + i * ROW;
    const middle = y + ROW / 2;
    const kind = own ? 'own' : 'other';
    return `<text class="${kind}" x="${NUMBERS}" y="${middle + 5}" text-anchor="end">${escapeXml(label)}</text>
<text class="${kind}" x="${BARS - 10}" y="${middle + 5}" text-anchor="end">${median.toFixed(2)}</text>
<rect class="${kind}" x="${BARS}" y="${y + 3}" width="${round(place(median) - BARS)}" height="${ROW - 6}" rx="2"/>
<line class="range" x1="${place(lower)}" x2="${place(upper)}" y1="${middle}" y2="${middle}"/>`;
  });
  return rows.join('\n');
}

/** Where and how it was measured. */
function describe(machine: Machine): string {
  const versions = Object.entries(machine.versions)
    // Ours is the commit, on Node as it stands beside.
    .filter(([, version]) => !version.includes(' on Node '))
    // What a build adds in brackets is left out.
    .map(([id, version]) => (/^v?\d/.test(version) ? `${id} ${version}` : version))
    .map((version) => version.replaceAll(/ \([^)]*\)/g, ''));
  const facts = [
    `Measured ${machine.date.slice(0, 10)} at commit ${machine.commit},`,
    `load average before ${machine.loadAverage.toFixed(1)}:`,
    `${machine.cores} × ${machine.cpu}, ${machine.kernel}; ${[...new Set(versions)].join(', ')}.`,
  ];
  return facts.join(' ');
}

/** Lines of a note, broken between words. */
function wrap(text: string): string[] {
  const most = (WIDTH - 2 * MARGIN) / (NOTE_SIZE * CHARACTER);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Where the chart and its data are. */
function file(name: string): string {
  return join(bench, '../docs', name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , result] = process.argv;
  if (result !== undefined) {
    const whole = JSON.parse(readFileSync(result, 'utf8')) as Result;
    const data = chartData(whole);
    writeFileSync(file('benchmark.html'), renderPage(whole));
    writeFileSync(file('benchmark.json'), `${JSON.stringify(data, null, 1)}\n`);
  }
  const data = JSON.parse(readFileSync(file('benchmark.json'), 'utf8')) as ChartData;
  writeFileSync(file('benchmark.svg'), drawChart(data));
  console.log(`chart: drew docs/benchmark.svg, as measured on ${data.machine.date.slice(0, 10)}`);
}
