import { expect, test } from 'vitest';
import { renderPage } from '../src/report-page.ts';
import { renderText } from '../src/report-text.ts';
import { judge } from '../src/targets.ts';
import { result as quick, row, sample } from './fixed-result.ts';

const result: typeof quick = (rows, more) => quick(rows, { mode: 'full', ...more });

const ours = row('epoll-sync', '@evloop/epoll, pollSync', [8, 9, 10]);

test('a target is judged by the ratios within the rounds', () => {
  const verdicts = judge(
    result([ours, row('mio', 'mio', [8, 10, 11]), row('bun', 'Bun', [9, 9, 9])]),
  );
  expect(verdicts).toMatchObject([
    { contestant: 'epoll-sync', of: 'mio', most: 1.03, met: true },
    { contestant: 'epoll-sync', of: 'bun', most: 0.95, met: false },
  ]);
  expect(verdicts[0]?.measured.median).toBeCloseTo(10 / 11);
});

test('a quick run gives no verdict, and both reports say so', () => {
  const measured = quick([ours, row('mio', 'mio', [8, 10, 11])]);
  expect(judge(measured)).toEqual([]);
  expect(renderText(measured)).toContain('no verdict on the targets');
  expect(renderPage(measured)).toContain('no verdict on the targets');
});

test('what was not measured has no verdict', () => {
  expect(judge(result([ours]))).toEqual([]);
});

test('idle connections are compared with the same server without them', () => {
  const samples = [10, 11, 12].map((cost) => ({ ...sample(cost), aloneCpuUs: 10 }));
  const one = { id: 'idle', title: 'Idle', message: 'echo', rows: [{ ...ours, samples }] };
  expect(judge(result([], { cases: [one] }))).toMatchObject([
    { contestant: 'epoll-sync', of: 'alone', measured: { median: 1.1 }, met: false },
  ]);
});

test('an event among many is compared with one among few', () => {
  const cost = (id: string, median: number) => {
    return { id, title: id, backend: 'epoll', median, lower: 1, upper: 200 };
  };
  const micro = [cost('poll-64-of-64', 100), cost('poll-64-of-10000', 105)];
  expect(judge(result([], { micro }))).toMatchObject([{ title: 'poll-64-of-10000', met: true }]);
});

test('both reports have the verdicts', () => {
  const measured = result([ours, row('mio', 'mio', [10, 10, 10])]);
  expect(renderText(measured)).toMatch(/epoll-sync \/ mio.*1\.03.*0\.90.*0\.85–0\.95.*met/);
  expect(renderPage(measured)).toContain('<td>epoll-sync / mio</td>');
});
