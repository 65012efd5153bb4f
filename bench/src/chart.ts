// The chart in the README: one case of one run, as an SVG file that needs nothing but itself.
//
//   node bench/dist/src/chart.js                 draws docs/benchmark.svg from docs/benchmark.json
//   node bench/dist/src/chart.js result.json     takes the case from a result of the benchmark first
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bench } from './place.ts';
import { figure } from './report-text.ts';
import type { CaseResult, Machine, Result } from './result.ts';
import { summarize } from './statistics.ts';

/** What is kept of a run: where and how it was measured, and the one case. */
export interface ChartData {
  readonly machine: Machine;
  readonly rounds: number;
  readonly case: CaseResult;
}

const CASE = 'tcp-64x50';
/** Pixels. */
const [WIDTH, LABELS, ROW, TOP, BOTTOM, RIGHT] = [760, 190, 30, 56, 62, 60];
const [OWN, OTHER] = ['#0072b2', '#999999'];

/** The part of a result that the chart shows. */
export function chartData({ machine, rounds, cases }: Result): ChartData {
  const found = cases.find(({ id }) => id === CASE);
  if (found === undefined) throw new Error(`the result does not have the case ${CASE}`);
  return { machine, rounds, case: found };
}

/** Horizontal bars, the least first: the median of the rounds, and a line from the least to the most. */
export function drawChart({ machine, rounds, case: { title, rows } }: ChartData): string {
  const bars = rows
    .filter(({ samples, failure }) => samples.length > 0 && failure === undefined)
    .map((row) => ({ title: row.title, ...summarize(figure(row, ({ cpuUs }) => cpuUs)) }))
    .sort((a, b) => a.median - b.median);
  // The longest range is not let to squeeze the bars.
  const most = 1.25 * Math.max(...bars.map(({ median }) => median));
  const scale = (value: number) =>
    round(LABELS + ((WIDTH - LABELS - RIGHT) * Math.min(value, most)) / most);
  const height = TOP + bars.length * ROW + BOTTOM;
  const lines = bars.map(({ title, median, least, most }, i) => {
    const y = TOP + i * ROW;
    const middle = y + ROW / 2;
    const colour = title.startsWith('@evloop') ? OWN : OTHER;
    return `<text x="${LABELS - 10}" y="${middle + 5}" text-anchor="end">${escapeXml(title)}</text>
<rect x="${LABELS}" y="${y + 4}" width="${round(scale(median) - LABELS)}" height="${ROW - 8}" fill="${colour}"/>
<line x1="${scale(least)}" x2="${scale(most)}" y1="${middle}" y2="${middle}" stroke="#222"/>
<text x="${WIDTH - RIGHT + 10}" y="${middle + 5}">${median.toFixed(1)}</text>`;
  });
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const notes = [
    `Bars are medians of ${rounds} rounds, lines their range. ${machine.date.slice(0, 10)}, commit ${machine.commit}, load average ${machine.loadAverage.toFixed(1)},`,
    `${machine.cores} × ${machine.cpu}, ${machine.kernel}; ${versions.join(', ')}.`,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="14" fill="#222">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="16" y="24" font-size="16" font-weight="600">${escapeXml(title)}</text>
<text x="16" y="44" fill="#555">the server's processor time for one message, in microseconds: less is better</text>
${lines.join('\n')}
${notes.map((note, i) => `<text x="16" y="${height - 32 + 16 * i}" font-size="11" fill="#555">${escapeXml(note)}</text>`).join('\n')}
</svg>
`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Where the chart and its data are. */
function place(name: string): string {
  return join(bench, '../docs', name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , result] = process.argv;
  if (result !== undefined) {
    const data = chartData(JSON.parse(readFileSync(result, 'utf8')) as Result);
    writeFileSync(place('benchmark.json'), `${JSON.stringify(data, null, 1)}\n`);
  }
  const data = JSON.parse(readFileSync(place('benchmark.json'), 'utf8')) as ChartData;
  writeFileSync(place('benchmark.svg'), drawChart(data));
}
