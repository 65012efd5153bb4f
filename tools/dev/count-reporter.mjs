// A vitest reporter for the last lines of a test run: how many tests were skipped and why, then
// `N passed, N failed, N skipped`. A file that could not be loaded and an error outside any test
// count as one failure each. EVLOOP_COUNTS names a file for the numbers: .ci/run adds them up.
import { writeFileSync } from 'node:fs';

/**
 * Returns why a test was skipped: the reason of `onlyIf` or `needs`, that of the `skip` of a
 * running test, or the one in a title of the conformance suite, as in "… (skipped: why)".
 */
export const reasonOf = (test) =>
  test.meta().skippedBecause ??
  test.result().note ??
  /\(skipped: ([^()]*(?:\([^()]*\))?[^()]*)\)/.exec(test.fullName)?.[1] ??
  'no reason is given';

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    /** How many tests were skipped for each reason. */
    const skipped = new Map();
    /** How many of them drive foreign programs: a later run may include these. */
    let foreign = 0;
    let broken = unhandledErrors.length;
    for (const module of modules) {
      if (module.errors().length > 0) broken += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state] += 1;
        if (state !== 'skipped') continue;
        const reason = reasonOf(test);
        skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
        if (module.project.name.endsWith(':foreign')) foreign += 1;
      }
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length > 0) broken += 1;
      }
    }
    const failed = count.failed + count.pending + broken;
    const totals = { passed: count.passed, failed, skipped: count.skipped };
    const file = process.env.EVLOOP_COUNTS;
    if (file) writeFileSync(file, `${JSON.stringify({ ...totals, foreign })}\n`);
    const reasons = [...skipped].sort(([, a], [, b]) => b - a);
    const lines = reasons.map(([reason, n]) => `${String(n).padStart(6)}  ${reason}\n`);
    const why = lines.length > 0 ? `\nSkipped tests, and why:\n${lines.join('')}` : '';
    const last = `${totals.passed} passed, ${failed} failed, ${totals.skipped} skipped`;
    // At exit, so that these are the last lines, whatever other reporters print.
    process.on('exit', () => process.stdout.write(`${why}\n${last}\n`));
    if (failed > 0) process.exitCode = 1;
  }
}
