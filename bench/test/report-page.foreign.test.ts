// The page in headless Chromium: no text is cut, nothing is wider than the page, and the console
// stays silent.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { needs } from '@evloop/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { renderPage } from '../src/report-page.ts';
import { result, row } from './fixed-result.ts';

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = [
  row('epoll-sync', '@evloop/epoll, pollSync, datagrams in batches', [4, 5, 6]),
  row('net', '@evloop/net with @evloop/udp', [13, 14, 15]),
  row('node', 'node:net', [12, 14, 16]),
  row('deno', 'Deno.listen, Deno.listenDatagram', [9, 10, 12]),
  row('uws', 'bun:Bun.listen({socket:{data,drain,close,error}})', [9, 10, 12]),
];
const page = renderPage(
  result(rows, {
    mode: 'full',
    missing: [{ what: 'mio', why: 'cargo is not installed', command: 'apt-get install cargo' }],
    micro: [{ id: 'a', title: 'Token(i)', backend: 'epoll', median: 2, lower: 1, upper: 3 }],
  }),
);

/** Runs in the page: lists what is wrong with it. */
const INSPECT = `
const problems = [];
addEventListener('error', (event) => problems.push('error: ' + event.message));
for (const name of ['error', 'warn']) console[name] = (...args) => problems.push(name + ': ' + args);
addEventListener('load', () => {
  if (OPEN) for (const each of document.querySelectorAll('details')) each.open = true;
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) problems.push('the page is wider than the window');
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    const said = text.data.trim();
    if (said === '' || text.parentElement.matches('style, script')) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    for (let around = text.parentElement; around !== null; around = around.parentElement) {
      const { overflowX } = getComputedStyle(around);
      if (overflowX === 'auto' || overflowX === 'scroll') break; // The reader can scroll to it.
      const edge = around === document.body ? width : around.getBoundingClientRect().right;
      const cut = overflowX !== 'visible' || around === document.body;
      if (cut && (box.right > edge + 1 || box.left < -1)) problems.push('cut: ' + said);
    }
  }
  const output = document.createElement('output');
  output.textContent = JSON.stringify(problems);
  document.body.append(output);
});`;

/** What is wrong with a page in a window of this width. */
function problemsOf(html: string, width: number, open: boolean): string[] {
  const file = join(folder, 'page.html');
  const script = `<script>${INSPECT.replace('OPEN', String(open))}</script>`;
  writeFileSync(file, html.replace('<meta charset="utf-8">', `$&${script}`));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  const { stdout, stderr } = spawnSync(
    'chromium',
    [
      ...flags,
      `--user-data-dir=${join(folder, 'profile')}`,
      `--window-size=${width},1000`,
      '--dump-dom',
      pathToFileURL(file).href,
    ],
    { encoding: 'utf8', timeout: 120_000 },
  );
  const found = /<output>(.*)<\/output>/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`Chromium printed no page: ${stderr}`);
  return JSON.parse(found.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'));
}

describe.each([500, 1280, 1600])('the page at %i px', needs('chromium'), (width) => {
  test.each([
    ['as it opens', false],
    ['with all of it unfolded', true],
  ])('shows all its text %s', (_, open) => {
    expect(problemsOf(page, width, open)).toEqual([]);
  });
});

test('what is cut is noticed, and so is an error', needs('chromium'), () => {
  const label =
    '<p style="width:3rem;overflow:hidden;white-space:nowrap">Deno.listenDatagram</p><script>absent()</script>';
  const problems = problemsOf(page.replace('<h1>', `${label}<h1>`), 1280, false);
  expect(problems).toEqual([expect.stringMatching(/absent/), 'cut: Deno.listenDatagram']);
});
