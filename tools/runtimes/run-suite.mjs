// Runs one suite on the built packages, in any runtime, without a test runner:
//
//   node tools/runtimes/run-suite.mjs <suite> <number of tests to leave out at the beginning> <names of those that are expected to fail, as JSON>
//
// Prints a JSON line for what the backend supports, and one when a test begins and when it ends. A test that does not end is
// a failure. One that takes the process with it is for the caller to see, and the reason for the number.
import { writeSync } from 'node:fs';
import { SUITES } from './suites.mjs';

/** How long a test waits for what must come: a machine that is busy with several runtimes is slow, which is no failure. */
const PATIENCE_MS = 60_000;
/** The same where nothing is expected to come. */
const LITTLE_PATIENCE_MS = 2000;
/** No test takes so long. */
const LIMIT_MS = 150_000;

const [suite, leaveOut, expectedFailures] = process.argv.slice(2);
const expected = new Set(JSON.parse(expectedFailures));
const tests = [];

/** Takes those tests of the suite that are expected to fail, or the others. */
function taking(failing) {
  const take = (name, run) => {
    if (expected.has(name) === failing) tests.push({ name, run });
  };
  return Object.assign((name, run) => take(name, run), { skip: (name) => take(name, undefined) });
}

const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

/** Why the test failed, or undefined. */
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

// What goes wrong in nobody's promise is the failure of the test that runs.
let elsewhere;
const note = (error) => {
  elsewhere = `uncaught: ${error?.message ?? error}`;
};
process.on('uncaughtException', note);
process.on('unhandledRejection', note);

say({ supports: await SUITES[suite](taking(false), PATIENCE_MS) });
await SUITES[suite](taking(true), LITTLE_PATIENCE_MS);
for (const { name, run } of tests.slice(Number(leaveOut))) {
  say({ begins: name });
  if (run === undefined) {
    say({ skipped: name });
    continue;
  }
  elsewhere = undefined;
  const began = performance.now();
  const why = (await failureOf(run)) ?? elsewhere;
  const ms = Math.round(performance.now() - began);
  say(why === undefined ? { passed: name, ms } : { failed: name, why, ms });
}
process.exit(0);
