// Runs the conformance suite on every runtime, and the examples' tests on every Node:
//
//   node tools/check-runtimes.mjs [--write] [runtime …]     a runtime is "bun", "node 24" …; none named is all of them
//
// It works on what is built. A test that fails must stand in tools/runtimes/expected-failures.json, with the reason; one that stands there and
// passes is an error as well, unless it fails only sometimes. What comes out is tools/runtimes/results.json, from which the README's tables are
// made: a run that comes to something else is an error, or with --write what the file says from then on.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ExpectedFailures } from './runtimes/expected-failures.mjs';
import { RUNTIMES } from './runtimes/runtimes.mjs';
import { runSuite } from './runtimes/suite-process.mjs';
import { SUITES } from './runtimes/suites.mjs';
import { runExamples } from './runtimes/vitest-process.mjs';

const resultsFile = new URL('./runtimes/results.json', import.meta.url);
const began = performance.now();
const args = process.argv.slice(2);
const write = args.includes('--write');
const wanted = args.filter((arg) => arg !== '--write').map((arg) => arg.toLowerCase());
const runtimes = RUNTIMES.filter(
  ({ title }) => wanted.length === 0 || wanted.some((name) => title.toLowerCase().startsWith(name)),
);
const expected = new ExpectedFailures();
const results = {};

function error(text) {
  process.exitCode = 1;
  console.error(`error: ${text}`);
}

async function suiteJob({ title, command }, suite) {
  const { supports, passed, skipped, failed } = await runSuite(
    command,
    suite,
    expected.names(title, suite),
  );
  const unexpected = expected.judge(title, suite, passed, failed);
  for (const each of unexpected) error(`${title}, ${suite}: ${each}`);
  const count = Object.keys(failed).length;
  const known = unexpected.length === 0 ? ' as expected' : '';
  console.log(
    `${title}, ${suite}: ${passed.length} passed, ${count} failed${known}, ${skipped.length} skipped`,
  );
  const result = results[title];
  for (const [name, can] of Object.entries(supports ?? {})) {
    result.supports[name] = Object.keys(can).filter((key) => can[key]);
  }
  result.failing[suite] = expected.names(title, suite).length;
}

async function examplesJob({ title, command }) {
  const { passed, text } = await runExamples(command);
  if (passed) console.log(`${title}, examples: ${text}`);
  else error(`${title}, examples:\n${text}`);
}

/** Installed one after the other, before anything runs beside it. */
function install(runtime) {
  const command = runtime.command();
  results[runtime.title] = { supports: {}, failing: {} };
  return { ...runtime, command };
}

if (process.platform !== 'linux') {
  console.log('check-runtimes: skipped, because what is recorded is for Linux');
  process.exit(0);
}
const installed = runtimes.map(install);
console.log(`${installed.length} runtimes installed in ${seconds()} s`);
const jobs = [
  ...installed.flatMap((runtime) =>
    Object.keys(SUITES).map((suite) => () => suiteJob(runtime, suite)),
  ),
  ...installed.filter(({ examples }) => examples).map((node) => () => examplesJob(node)),
];
const worker = async () => {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job();
};
await Promise.all(Array.from({ length: availableParallelism() }, worker));

// The order of the file is that of the lists, not that of the jobs' ends.
const recorded = JSON.parse(readFileSync(resultsFile, 'utf8'));
const titles = RUNTIMES.map(({ title }) => title);
const merged = Object.fromEntries(
  titles.map((title) => [title, sorted(results[title] ?? recorded[title])]),
);
if (JSON.stringify(merged) !== JSON.stringify(recorded)) {
  if (write) writeFileSync(resultsFile, `${JSON.stringify(merged, undefined, 2)}\n`);
  else error('tools/runtimes/results.json says otherwise: node tools/check-runtimes.mjs --write');
}
console.log(`${installed.length} runtimes in ${seconds()} s`);

function sorted(result) {
  if (result === undefined) return undefined;
  const byName = (object) =>
    Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { supports: byName(result.supports), failing: byName(result.failing) };
}

function seconds() {
  return Math.round((performance.now() - began) / 1000);
}
