import { readFileSync } from 'node:fs';

/**
 * What is known to fail, and why: expected-failures.json, a list of
 *
 *   runtimes   the beginnings of their titles
 *   suites     names in suites.mjs
 *   tests      names, as the suite gives them
 *   reason     what the runtime does, for the README
 *   issue      the runtime's own, where there is one
 *   sometimes  true where the test may pass as well
 */
export class ExpectedFailures {
  #entries = JSON.parse(readFileSync(new URL('./expected-failures.json', import.meta.url), 'utf8'));

  /** Returns a line for each unexpected failure, and for each expected one that did not happen. */
  judge(title, suite, { tests: all, passed, failed }) {
    const lines = [];
    const applies = this.of(title, suite);
    const find = (name) => applies.find(({ tests }) => tests.includes(name));
    for (const [name, why] of Object.entries(failed)) {
      if (find(name) === undefined) lines.push(`${name}: ${why}`);
    }
    for (const name of passed) {
      const entry = find(name);
      if (entry && !entry.sometimes) lines.push(`${name}: passes, and is expected to fail: stale`);
    }
    for (const { tests } of applies) {
      for (const name of tests) {
        if (!all.includes(name))
          lines.push(`${name}: is expected to fail, and is not there: stale`);
      }
    }
    return lines;
  }

  /** Returns the tests of this suite that are expected to fail on this runtime. */
  names(title, suite) {
    return [...new Set(this.of(title, suite).flatMap(({ tests }) => tests))];
  }

  /** Returns the entries about this suite on this runtime. */
  of(title, suite) {
    return this.#entries.filter(
      ({ runtimes, suites }) =>
        suites.includes(suite) && runtimes.some((name) => title.startsWith(name)),
    );
  }
}
