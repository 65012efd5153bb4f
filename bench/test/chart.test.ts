import { existsSync, readFileSync } from 'node:fs';
import { onlyIf } from '@evloop/testing';
import { expect, it } from 'vitest';
import { type ChartData, chartData, drawChart } from '../src/chart.ts';
import { result, row } from './fixed-result.ts';

const place = (name: string): URL => new URL(`../../docs/${name}`, import.meta.url);

it('draws what was measured, and leaves out who was not', () => {
  const failed = { ...row('bun', 'Bun', []), failure: 'not installed' };
  const measured = result([
    row('node', 'Node', [9, 10, 11]),
    row('epoll', '@evloop/epoll', [6, 7, 8]),
    failed,
  ]);
  const svg = drawChart(chartData(measured));
  expect(svg.indexOf('>@evloop/epoll<')).toBeGreaterThan(0);
  expect(svg.indexOf('>node:net<')).toBeGreaterThan(svg.indexOf('>@evloop/epoll<'));
  expect(svg).toContain('>0.70<');
  expect(svg).toContain('>1.00<');
  expect(svg).toContain('in units of node:net (10 µs)');
  expect(svg).toContain('&#60;with brackets&#62;');
  expect(svg).not.toContain('Bun');
});

it('says how far a range goes that it cuts off', () => {
  const measured = result([
    row('node', 'Node', [10, 10, 10, 10, 10]),
    row('epoll', '@evloop/epoll', [9, 10, 10, 99, 99]),
  ]);
  const svg = drawChart(chartData(measured));
  expect(svg).toContain('That of @evloop/epoll goes on to 9.90.');
  for (const [, x] of svg.matchAll(/x2="([\d.]+)"/g)) expect(Number(x)).toBeLessThanOrEqual(740);
});

it('has what it says about the machine within its width', () => {
  const measured = result([row('node', 'Node', [10])]);
  const versions = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`contestant${i}`, `${i}.0.0`]),
  );
  const machine = { ...measured.machine, versions };
  const svg = drawChart(chartData({ ...measured, machine }));
  const notes = [...svg.matchAll(/class="note"[^>]*>([^<]*)</g)].map(([, note]) => note ?? '');
  expect(notes.join(' ')).toContain('contestant11 11.0.0.');
  for (const note of notes) {
    const shown = note.replaceAll(/&#\d+;/g, '<');
    expect(shown.length).toBeLessThanOrEqual(100);
  }
});

const drawn = existsSync(place('benchmark.json'));
it(
  'is as its data say, or npm run docs:chart draws it again',
  onlyIf(drawn, 'there are no data to draw'),
  () => {
    const data = JSON.parse(readFileSync(place('benchmark.json'), 'utf8')) as ChartData;
    expect(readFileSync(place('benchmark.svg'), 'utf8')).toBe(drawChart(data));
  },
);
