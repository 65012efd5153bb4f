import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { RUNTIMES } from './runtimes.mjs';
import { SUITES } from './suites.mjs';

const file = new URL('./results.json', import.meta.url);

/**
 * What the runs of the suite came to, as results.json keeps it: by the runtime's title
 *
 *   version    of the runtime, when it was recorded
 *   supports   by backend, the names of what it supports there
 *   suites     by their names, how many tests passed, failed and were skipped because of `supports`
 *
 * Which tests fail, and why, stands in expected-failures.json.
 */
export class Results {
  #runtimes = JSON.parse(readFileSync(file, 'utf8'));

  get titles() {
    return Object.keys(this.#runtimes);
  }

  of(title) {
    return this.#runtimes[title] ?? { supports: {}, suites: {} };
  }

  /** Records what the backends support. Returns a line for each that differs from the record. */
  recordSupports({ title, version }, supports) {
    const was = this.of(title);
    const found = Object.entries(supports ?? {}).map(([backend, can]) => [backend, namesOf(can)]);
    this.#runtimes[title] = {
      ...was,
      version,
      supports: { ...was.supports, ...Object.fromEntries(found) },
    };
    return found
      .filter(([backend, names]) => !isDeepStrictEqual(was.supports[backend], names))
      .map(([backend]) => `on ${title}, what ${backend} supports is not what is recorded`);
  }

  /** Records the result of a whole suite. Returns a line if it differs from the record. */
  recordSuite({ title }, suite, counts) {
    const was = this.of(title);
    this.#runtimes[title] = { ...was, suites: { ...was.suites, [suite]: counts } };
    return isDeepStrictEqual(was.suites[suite], counts)
      ? []
      : [`on ${title}, the counts of ${suite} are not what is recorded`];
  }

  /** Writes the results in the order of the lists, whatever ended first. */
  write() {
    const ordered = RUNTIMES.map(({ title }) => title)
      .filter((title) => title in this.#runtimes)
      .map((title) => [title, sorted(this.#runtimes[title])]);
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(ordered), undefined, 2)}\n`);
  }
}

function sorted({ version, supports, suites }) {
  const names = Object.keys(SUITES);
  return {
    version,
    supports: Object.fromEntries(Object.entries(supports).sort(([a], [b]) => (a < b ? -1 : 1))),
    suites: Object.fromEntries(
      Object.entries(suites).sort(([a], [b]) => names.indexOf(a) - names.indexOf(b)),
    ),
  };
}

/** Returns the abilities, and each list in one word. */
function namesOf(supports) {
  return Object.entries(supports).flatMap(([name, value]) => {
    if (Array.isArray(value)) return [`${name}: ${value.join(' ')}`];
    return value ? [name] : [];
  });
}
