// Adds up what two runs of the tests have counted, and prints `N passed, N failed, N skipped`.
//
//   node tools/ci/total.mjs <failed checks> <counts of npm test> <counts of the tests of foreign
//   programs>
//
// The second run makes up for the foreign tests that the first one has skipped: its numbers count
// for them. A run that has left no numbers is among the failed checks.
import { existsSync, readFileSync } from 'node:fs';

const [checks, first, second] = process.argv.slice(2);
const NOTHING = { passed: 0, failed: 0, skipped: 0, foreign: 0 };
const read = (file) =>
  existsSync(file) && readFileSync(file, 'utf8') !== ''
    ? JSON.parse(readFileSync(file, 'utf8'))
    : NOTHING;
const [newcomer, foreign] = [read(first), read(second)];
const made = existsSync(second) ? newcomer.foreign : 0;
const passed = newcomer.passed + foreign.passed;
const failed = Number(checks) + newcomer.failed + foreign.failed;
const skipped = newcomer.skipped - made + foreign.skipped;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0) process.exitCode = 1;
