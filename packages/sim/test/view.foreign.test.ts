// The picture of a run in headless Chromium: what is drawn, what it says, and how it is zoomed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { needs } from '@evloop/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { explore, type FoundFailure, formatReport } from '../src/index.ts';
import { ANIMALS } from './zoo/animals.ts';

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs in the page: what it shows, before and after the wheel was turned. */
const INSPECT = `
const problems = [];
addEventListener('error', (event) => problems.push('error: ' + event.message));
for (const name of ['error', 'warn']) console[name] = (...args) => problems.push(name + ': ' + args);
addEventListener('load', () => {
  const svg = document.getElementById('run');
  const count = (selector) => svg.querySelectorAll(selector).length;
  const ticks = () => Array.from(svg.querySelectorAll('.tick'), (tick) => tick.textContent).join();
  const colour = (element) => element && getComputedStyle(element).stroke;
  const seen = {
    lanes: Array.from(svg.querySelectorAll('.name'), (name) => name.textContent),
    packets: run.packets.length,
    arrows: count('.packet'),
    faulty: run.packets.filter((packet) => packet.fate !== '').length,
    red: count('.packet.bad'),
    redColour: colour(svg.querySelector('.packet.bad line, .failure-line')),
    polls: count('.poll'),
    operations: count('.operation'),
    failures: count('.failure-line'),
    detail: document.getElementById('detail').textContent,
    title: document.title,
    ticks: ticks(),
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  };
  svg.querySelector('.packet').dispatchEvent(new PointerEvent('pointerenter'));
  seen.packetDetail = document.getElementById('detail').textContent;
  svg.querySelector('.operation').dispatchEvent(new PointerEvent('pointerenter'));
  seen.operationDetail = document.getElementById('detail').textContent;
  svg.dispatchEvent(new WheelEvent('wheel', { deltaY: -100, clientX: 400, cancelable: true }));
  seen.zoomedTicks = ticks();
  document.getElementById('whole').click();
  seen.wholeTicks = ticks();
  const output = document.createElement('output');
  output.textContent = JSON.stringify({ ...seen, problems });
  document.body.append(output);
});`;

/** What a page shows. */
interface Shown {
  readonly lanes: string[];
  readonly packets: number;
  readonly arrows: number;
  readonly faulty: number;
  readonly red: number;
  readonly redColour: string;
  readonly polls: number;
  readonly operations: number;
  readonly failures: number;
  readonly detail: string;
  readonly title: string;
  readonly ticks: string;
  readonly wide: boolean;
  readonly packetDetail: string;
  readonly operationDetail: string;
  readonly zoomedTicks: string;
  readonly wholeTicks: string;
  readonly problems: string[];
}

function show(html: string): Shown {
  const file = join(folder, 'page.html');
  writeFileSync(file, html.replace('<meta charset="utf-8">', `$&<script>${INSPECT}</script>`));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  const profile = `--user-data-dir=${join(folder, 'profile')}`;
  const { stdout, stderr } = spawnSync(
    'chromium',
    [...flags, profile, '--window-size=1280,1000', '--dump-dom', pathToFileURL(file).href],
    { encoding: 'utf8', timeout: 120_000, maxBuffer: 1 << 28 },
  );
  const found = /<output>(.*)<\/output>/s.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`Chromium printed no page: ${stderr}`);
  const text = found.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&nbsp;', '\u00a0');
  return JSON.parse(text.replaceAll('&amp;', '&'));
}

describe('the picture of a failure', needs('chromium'), () => {
  let found: FoundFailure;
  let message: string;
  beforeAll(async () => {
    const animal = ANIMALS.find(({ bug }) => bug === 'lost wake-up: one short read per event');
    if (animal === undefined) throw new Error('the zoo has no such animal');
    const options = { ...animal.options, name: 'wake-up', runs: 50, replayFolder: folder };
    const network = { latency: '5ms', loss: 0.02 };
    const report = await explore({ ...options, network }, animal.run(false));
    if (report.found === undefined) throw new Error('the bug was not found');
    found = report.found;
    message = formatReport(report);
  });

  test('is a file that the message names', () => {
    const [, path = ''] = /^picture: +(\S+)$/m.exec(message) ?? [];
    assert.equal(path, found.picture);
    assert.match(path, /wake-up-\d+\.html$/);
    assert.equal(existsSync(path), true);
    assert.doesNotMatch(readFileSync(path, 'utf8'), /(?:src|href)=/);
  });

  test('has a lane for each host, an arrow for each packet, and the failure marked', () => {
    const shown = show(readFileSync(found.picture as string, 'utf8'));
    assert.deepEqual(shown.problems, []);
    assert.equal(shown.wide, false);
    assert.deepEqual(shown.lanes, ['web', 'c']);
    assert.equal(shown.arrows, shown.packets);
    assert.ok(shown.arrows > 5);
    assert.equal(shown.red, shown.faulty);
    assert.equal(shown.redColour, 'rgb(198, 40, 40)');
    assert.ok(shown.polls > 0);
    assert.ok(shown.operations > 0);
    assert.equal(shown.failures, 1);
    assert.ok(shown.detail.includes(found.failure.message.split('\n', 1)[0] ?? ''));
    assert.match(shown.title, /^seed \d+: /);
  });

  test('tells the delay of a packet and the result of an operation, and can be zoomed', () => {
    const shown = show(readFileSync(found.picture as string, 'utf8'));
    assert.match(shown.packetDetail, /TCP .*\nsent at .*, delay 5(?:\.\d+)? ms/s);
    assert.match(shown.operationDetail, /: (?:listen|connect|read|write|accept)/);
    assert.ok(shown.ticks.split(',').length > 3);
    assert.notEqual(shown.zoomedTicks, shown.ticks);
    assert.equal(shown.wholeTicks, shown.ticks);
  });

  test('that the documentation shows is drawn as this version draws', () => {
    const file = fileURLToPath(new URL('../../../docs/chat-run.html', import.meta.url));
    const shown = show(readFileSync(file, 'utf8'));
    assert.deepEqual(shown.problems, []);
    assert.deepEqual(shown.lanes, ['web', 'c0', 'c1', 'c2']);
    assert.equal(shown.arrows, shown.packets);
    assert.equal(shown.failures, 1);
  });
});
