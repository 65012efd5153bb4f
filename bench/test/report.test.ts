import { expect, test } from 'vitest';
import { renderPage } from '../src/report-page.ts';
import { relativeCost, renderText } from '../src/report-text.ts';
import { result, row } from './fixed-result.ts';

const full = result(
  [
    row('epoll', '@evloop/epoll, poll', [6, 7, 8]),
    row('node', 'node:net', [12, 14, 16]),
    { ...row('bun', 'Bun', []), failure: 'it ended (1): no such thing' },
  ],
  {
    missing: [{ what: 'deno', why: 'it is not installed', command: 'npm install deno' }],
    micro: [
      { id: 'token', title: 'Token(i)', backend: 'epoll', median: 2.345, lower: 2, upper: 3 },
    ],
  },
);

test('the relative cost is the median of the ratios within each round', () => {
  const [first, second] = [row('a', 'a', [1, 2, 30]), row('b', 'b', [2, 2, 10])];
  expect(relativeCost(first, second)).toBe(1);
  expect(relativeCost(first, undefined)).toBeNaN();
});

test('the text has the machine, the figures, their range, the ratio, the failed and the missing', () => {
  const text = renderText(full);
  expect(text).toContain('2 × a processor <with brackets>, 4 GiB, linux 6.0');
  expect(text).toMatch(/@evloop\/epoll, poll.*7\.00.*6\.50–7\.50.*0\.50/);
  expect(text).toContain('it ended (1): no such thing');
  expect(text).toContain('deno: it is not installed. To have it: npm install deno');
  expect(text).toMatch(/Token\(i\).*2\.35/);
});

test('the page is one file that asks nobody for anything', () => {
  const page = renderPage(full);
  expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
  expect(page).not.toContain('<script');
});

test('the page begins with one chart, in the same ratios as the table below it', () => {
  const page = renderPage(full);
  expect(page.indexOf('<figure>')).toBeLessThan(page.indexOf('<details>'));
  expect(page).toContain('processor time per echo: 1 is node:net, 14.0 µs per echo');
  expect(page).toContain('<div class="value">0.50</div>');
  expect(page).toContain('<td>@evloop/epoll, poll</td><td>0.50</td><td>0.50–0.50</td>');
  expect(page).toContain('echoes per second');
});

test('the page escapes what it shows', () => {
  expect(renderPage(full)).toContain('a processor &#60;with brackets&#62;');
});
