// Runs one suite on the built packages, in any runtime, without a test runner:
//
//   node tools/ci/runtimes/run-suite.mjs <suite> <number of tests to leave out at the beginning>
//   <deadline> <names of those that are expected to fail, as JSON>
//
// Prints a JSON line for what the backend supports and which tests there are, and one when a test
// begins and when it ends. A test that does not end is a failure. One that takes the process with
// it is for the caller to see, and the reason for the number. After the deadline, in milliseconds
// of `Date.now()`, no test begins.
import { writeSync } from 'node:fs';
import { SUITES } from './suites.mjs';

/** How long a test waits for an expected event: a busy machine is slow, which is not a failure. */
const PATIENCE_MS = 200_000;
/** The same for tests that are expected to fail. */
const LITTLE_PATIENCE_MS = 2000;
/** No test takes this long. */
const LIMIT_MS = 400_000;

// Deno opens descriptors for signals on first use, and panics if none is free then, as in the
// chapter that takes them all.
const ignore = () => {};
process.on('SIGWINCH', ignore).off('SIGWINCH', ignore);

const [suite, leaveOut, deadline, expectedFailures] = process.argv.slice(2);
const expected = new Set(JSON.parse(expectedFailures));

/** Returns the tests that are expected to fail, or the others. */
async function gather(failing, patienceMs) {
  const tests = [];
  const take = (name, run) => {
    if (expected.has(name) === failing) tests.push({ name, run });
  };
  const test = Object.assign(take, { skip: (name) => take(name, undefined) });
  return { supports: await SUITES[suite](test, patienceMs), tests };
}

/**
 * Returns the first test of each chapter, then the second of each, and so on: the deadline then
 * cuts off a part of each chapter.
 */
function inTurn(tests) {
  const counts = new Map();
  const ranked = tests.map((test) => {
    const [chapter] = test.name.split(': ', 1);
    const rank = counts.get(chapter) ?? 0;
    counts.set(chapter, rank + 1);
    return { ...test, rank };
  });
  return ranked.sort((a, b) => a.rank - b.rank);
}

const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

/** Returns why the test failed, or undefined. */
async function failureOf(run) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, LIMIT_MS, `does not end in ${LIMIT_MS / 1000} s`);
  });
  try {
    return await Promise.race([run().then(() => undefined), late]);
  } catch (error) {
    return String(error?.message ?? error).slice(0, 500);
  } finally {
    clearTimeout(timer);
  }
}

// An unhandled rejection is a failure of the test that is running.
let elsewhere;
const note = (error) => {
  elsewhere = `uncaught: ${error?.message ?? error}`;
};
process.on('uncaughtException', note);
process.on('unhandledRejection', note);

const passing = await gather(false, PATIENCE_MS);
const failing = await gather(true, LITTLE_PATIENCE_MS);
const tests = [...inTurn(passing.tests), ...failing.tests];
say({ supports: passing.supports, tests: tests.map(({ name }) => name) });
for (const { name, run } of tests.slice(Number(leaveOut))) {
  if (run === undefined) {
    say({ skipped: name });
    continue;
  }
  if (Date.now() > Number(deadline)) continue;
  say({ begins: name });
  elsewhere = undefined;
  const began = performance.now();
  const why = (await failureOf(run)) ?? elsewhere;
  const ms = Math.round(performance.now() - began);
  say(why === undefined ? { passed: name, ms } : { failed: name, why, ms });
}
process.exit(0);
