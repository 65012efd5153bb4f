// Writes the README's tables of what each backend can do where, between two marks:
//
//   node tools/dev/capabilities.mjs [--check]     --check writes nothing, and fails when they are
//                                                 stale
//
// They are made of tools/ci/runtimes/results.json and expected-failures.json, which `npm run
// check:runtimes` holds against the runtimes. What the built backends support on this Node is held
// against the record here, too. The words for the abilities are those of `npx evloop doctor`.
import { readFileSync, writeFileSync } from 'node:fs';
import { ABILITIES, reportBackends } from '../../packages/evloop/dist/backend-report.js';
import { ExpectedFailures } from '../ci/runtimes/expected-failures.mjs';
import { Results } from '../ci/runtimes/results.mjs';
import { RUNTIMES } from '../ci/runtimes/runtimes.mjs';

const BEGIN = '<!-- capabilities:begin -->';
const END = '<!-- capabilities:end -->';
/** The suites, with their titles in the table. */
const COLUMNS = {
  'epoll, poll': 'epoll, `poll`',
  'epoll, pollSync': 'epoll, `pollSync`',
  net: 'net, with udp',
};
const BACKENDS = ['epoll', 'net'];

const readme = new URL('../../README.md', import.meta.url);
const results = new Results();
const { titles } = results;
const expected = new ExpectedFailures();
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(head), `|${'---|'.repeat(head.length)}`, ...rows.map(row)];

/** Returns `yes`, `no`, or the shorter list of runtimes. */
function where(backend, ability) {
  const has = (title) => results.of(title).supports[backend]?.includes(ability);
  // A backend that a runtime cannot load is not in its record.
  const titles = results.titles.filter((title) => results.of(title).supports[backend]);
  const having = titles.filter(has);
  const lacking = titles.filter((title) => !has(title));
  if (lacking.length === 0) return 'yes';
  if (having.length === 0) return 'no';
  return lacking.length < having.length ? `not on ${lacking.join('; ')}` : having.join('; ');
}

function abilities(live) {
  const [{ supports: any }] = live.filter(({ supports }) => supports !== undefined);
  // The lists of socket options are for the packages' own pages.
  const names = Object.keys(any).filter((name) => typeof any[name] === 'boolean');
  const order = Object.keys(ABILITIES);
  names.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const rows = names.map((name) => [
    ABILITIES[name] ?? `\`${name}\``,
    ...BACKENDS.map((backend) => where(backend, name)),
  ]);
  return table(['it …', ...BACKENDS], rows);
}

/** The reasons, in the order of the table. */
const reasons = [];

function numberOf({ reason, issue }) {
  const text = `${reason} (${issue ?? 'no issue of theirs found'}).`;
  if (!reasons.includes(text)) reasons.push(text);
  return reasons.indexOf(text) + 1;
}

function outcome(title, suite) {
  const counts = results.of(title).suites[suite];
  const runtime = RUNTIMES.find((one) => one.title === title);
  if (runtime?.suites?.includes(suite) === false) return '–';
  if (counts === undefined) return 'not run';
  if (counts.failed === 0) return 'passes';
  const numbers = new Set(expected.of(title, suite).map(numberOf));
  return `fails ${counts.failed}: ${[...numbers].map((number) => `(${number})`).join(' ')}`;
}

function runtimes() {
  const rows = titles.map((title) => [
    title,
    ...Object.keys(COLUMNS).map((suite) => outcome(title, suite)),
  ]);
  return table(['the suite on', ...Object.values(COLUMNS)], rows);
}

/** The lines of a paragraph, of at most 100 columns. */
function wrapped(text, indent = '') {
  const lines = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= 100) lines.push(`${lines.pop()} ${word}`);
    else lines.push(last === undefined ? word : `${indent}${word}`);
  }
  return lines;
}

function capabilities(live) {
  return [
    BEGIN,
    '<!-- Written by npm run docs:capabilities. -->',
    '',
    ...wrapped(
      'What a backend can do (its `supports`), on Linux unless the table says otherwise. Using what it lacks throws `EVLOOP_UNSUPPORTED`. UDP in `net` is that of `@evloop/udp`.',
    ),
    '',
    ...abilities(live),
    '',
    ...wrapped(
      'The conformance suite, on each runtime, with each backend and each way to wait. Tests of abilities that `supports` rules out are skipped:',
    ),
    '',
    ...runtimes(),
    '',
    ...reasons.flatMap((reason, index) => wrapped(`${index + 1}. ${reason}`, '   ')),
    ...(reasons.length > 0 ? [''] : []),
    END,
  ].join('\n');
}

function fail(text) {
  console.error(`error: ${text}`);
  process.exit(1);
}

const live = reportBackends();
if (process.platform === 'linux') {
  const here = {
    title: `Node ${process.versions.node.split('.')[0]}`,
    version: process.versions.node,
  };
  const recorded = titles.includes(here.title);
  for (const { name, supports, missing } of live) {
    if (supports === undefined) fail(`${name} does not load: ${missing}`);
    if (!recorded) continue;
    const [stale] = results.recordSupports(here, { [name]: supports });
    if (stale) fail(`${stale}: npm run check:runtimes -- --write`);
  }
}
const text = readFileSync(readme, 'utf8');
const begin = text.indexOf(BEGIN);
const end = text.indexOf(END);
if (begin < 0 || end < begin) fail(`README.md needs the marks ${BEGIN} and ${END}, in this order`);
const updated = text.slice(0, begin) + capabilities(live) + text.slice(end + END.length);
if (updated === text) console.log('capabilities: the tables of README.md are up to date');
else if (process.argv.includes('--check'))
  fail('the tables of README.md are stale: npm run docs:capabilities');
else writeFileSync(readme, updated);
