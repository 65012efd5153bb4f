// Runs the conformance suite on every runtime, and the examples' tests on every Node:
//
//   node tools/ci/check-runtimes.mjs [--write] [--minutes <number>] [--suite <suite> | --examples]
//   [runtime …]
//
//   runtime      "bun", "node 24" …; none named is all of them
//   --suite      one suite of tools/ci/runtimes/suites.mjs alone
//   --examples   the examples' tests alone
//   --minutes    begins no test after that time, and no Node's examples: what is left undone is
//                named. Those of the Node that runs this are left to `npm test`
//   --write      records the results in tools/ci/runtimes/results.json; without it, a result that
//                differs from the record is an error
//
// It works on what is built. A test that fails must stand in
// tools/ci/runtimes/expected-failures.json, with the reason; one that stands there and passes is an
// error as well, unless it fails only sometimes. A runtime that cannot be had from npm is named,
// and left out.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { ExpectedFailures } from './runtimes/expected-failures.mjs';
import { Results } from './runtimes/results.mjs';
import { RUNTIMES } from './runtimes/runtimes.mjs';
import { runSuite } from './runtimes/suite-process.mjs';
import { SUITES } from './runtimes/suites.mjs';
import { runExamples } from './runtimes/vitest-process.mjs';

/** The limit for all downloads together, the first time. */
const INSTALL_MS = 1_200_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    suite: { type: 'string' },
    examples: { type: 'boolean', default: false },
  },
});
const limited = values.minutes !== undefined;
const end = limited ? Date.now() + Number(values.minutes) * 60_000 : Infinity;
const expected = new ExpectedFailures();
const results = new Results();

function error(text) {
  process.exitCode = 1;
  console.error(`error: ${text}`);
}

async function suiteJob(runtime, suite, deadline) {
  const { title, command } = runtime;
  const names = expected.names(title, suite);
  const result = await runSuite(command, suite, names, deadline);
  const { supports, tests, passed, skipped, failed } = result;
  const unexpected = expected.judge(title, suite, result);
  for (const each of unexpected) error(`${title}, ${suite}: ${each}`);
  const failures = Object.keys(failed).length;
  const left = tests.length - passed.length - skipped.length - failures;
  const known = unexpected.length === 0 && failures > 0 ? ' as expected' : '';
  const undone = left > 0 ? `, ${left} left for want of time` : '';
  console.log(
    `${title}, ${suite}: ${passed.length} passed, ${failures} failed${known}, ${skipped.length} skipped${undone}`,
  );
  if (unexpected.length > 0) return;
  const stale = results.recordSupports(runtime, supports);
  if (left === 0) {
    // A test that fails only sometimes counts as failed, so that the record does not depend on it.
    const counts = {
      passed: tests.length - skipped.length - names.length,
      failed: names.length,
      skipped: skipped.length,
    };
    stale.push(...results.recordSuite(runtime, suite, counts));
  }
  if (values.write) results.write();
  else for (const each of stale) error(`${each}: npm run check:runtimes -- --write`);
}

async function examplesJob({ title, command }) {
  if (Date.now() > end) {
    console.log(`${title}, examples: left for want of time`);
    return;
  }
  const { passed, text } = await runExamples(command);
  if (passed) console.log(`${title}, examples: ${text}`);
  else error(`${title}, examples:\n${text}`);
}

/** One after the other, before any suite runs. */
function installed(runtimes) {
  const deadline = Math.min(Date.now() + INSTALL_MS, (Date.now() + end) / 2);
  return runtimes.flatMap((runtime) => {
    try {
      return [{ ...runtime, command: runtime.command(deadline - Date.now()) }];
    } catch (why) {
      console.log(`${runtime.title}: skipped, it cannot be had: ${firstLine(why)}`);
      return [];
    }
  });
}

function firstLine(why) {
  return String(why?.message ?? why).split('\n', 1)[0];
}

function seconds() {
  return Math.round(performance.now() / 1000);
}

if (process.platform !== 'linux') {
  console.log('check-runtimes: skipped, because what is recorded is for Linux');
  process.exit(0);
}
const wanted = positionals.map((name) => name.toLowerCase());
const here = installed(
  RUNTIMES.filter(
    ({ title }) =>
      wanted.length === 0 || wanted.some((name) => title.toLowerCase().startsWith(name)),
  ),
);
console.log(`${here.length} runtimes are there after ${seconds()} s`);
const suites = values.examples ? [] : values.suite ? [values.suite] : Object.keys(SUITES);
const jobs = suites.flatMap((suite) =>
  here
    .filter((runtime) => runtime.suites?.includes(suite) ?? true)
    .map((runtime) => (deadline) => suiteJob(runtime, suite, deadline)),
);
for (const node of here) {
  const tested = limited && node.version === process.versions.node;
  if (node.examples && !tested && !values.suite) jobs.push(() => examplesJob(node));
}
const workers = availableParallelism();
const worker = async () => {
  while (jobs.length > 0) {
    // Each job gets its share of the remaining time, so a fast job leaves more for the others.
    const share = ((end - Date.now()) * workers) / Math.max(workers, jobs.length);
    const job = jobs.shift();
    await job(Date.now() + share);
  }
};
await Promise.all(Array.from({ length: workers }, worker));
console.log(`${here.length} runtimes in ${seconds()} s`);
