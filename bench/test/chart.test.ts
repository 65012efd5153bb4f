import { existsSync, readFileSync } from 'node:fs';
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
  expect(svg.indexOf('>Node<')).toBeGreaterThan(svg.indexOf('>@evloop/epoll<'));
  expect(svg).toContain('>10.0<');
  expect(svg).toContain('a processor &#60;with brackets&#62;');
  expect(svg).not.toContain('Bun');
});

const drawn = existsSync(place('benchmark.json'));
it.skipIf(!drawn)(
  'is as its data say, or npm run docs:chart draws it again (skipped while there are none)',
  () => {
    const data = JSON.parse(readFileSync(place('benchmark.json'), 'utf8')) as ChartData;
    expect(readFileSync(place('benchmark.svg'), 'utf8')).toBe(drawChart(data));
  },
);
