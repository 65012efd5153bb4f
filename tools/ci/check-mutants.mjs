// Puts faults into a package, one at a time, and looks whether its own tests notice: mutation
// testing, with Stryker, which is installed when this first runs. It takes up to hours of processor
// time for a package, so it stands outside of the gate.
//
//   npm run check:mutants -- [--concurrency <number>] [--mutate <pattern>] [package …]
//
//   package        "buffer", "listenfd", "core", "net", "epoll"; none named is all of them
//   --mutate       the files of the package's src that are changed, or a part of one:
//                  "chunk-list.ts:10-40". All are, where it is left out
//
// A mutant that survives must stand in tools/ci/mutants/equivalent.json, with the reason why no
// test can tell it from the code.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { toolFolder } from './tool-folder.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const equivalent = JSON.parse(
  readFileSync(new URL('mutants/equivalent.json', import.meta.url), 'utf8'),
);
const PACKAGES = ['buffer', 'listenfd', 'core', 'net', 'epoll'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { concurrency: { type: 'string', default: '2' }, mutate: { type: 'string' } },
});
const stryker = toolFolder('@stryker-mutator/core');
const folder = mkdtempSync(join(tmpdir(), 'evloop-mutants-'));

/** Every mutant of a package, with its result. */
function mutantsOf(name) {
  const report = join(folder, `${name}.json`);
  const src = `packages/${name}/src`;
  const options = {
    testRunner: 'vitest',
    vitest: { configFile: 'tools/ci/mutants/vitest.config.ts', related: false },
    mutate: values.mutate
      ? [`${src}/**/${values.mutate}`]
      : [`${src}/**/*.ts`, `!${src}/**/index.ts`],
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: report },
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    concurrency: Number(values.concurrency),
    timeoutMS: 20_000,
    checkers: [],
    disableTypeChecks: false,
    allowConsoleColors: false,
    tempDirName: join(folder, 'sandbox'),
    packageManager: 'npm',
    // Files that no test of these packages reads.
    ignorePatterns: ['/bench', '/docs', '/examples', '.turbo'],
  };
  const config = join(folder, 'stryker.json');
  writeFileSync(config, JSON.stringify(options));
  const program = join(stryker, 'bin/stryker.js');
  const { status } = spawnSync(process.execPath, [program, 'run', config], {
    cwd: root,
    env: { ...process.env, EVLOOP_MUTATED: name },
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`the mutation tester ends with ${status}`);
  const { files } = JSON.parse(readFileSync(report, 'utf8'));
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map((mutant) => ({ ...mutant, file, source })),
  );
}

/**
 * The mutated text and its replacement. equivalent.json names a mutant by them, because lines move.
 */
function describe({ source, location: { start, end }, replacement }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  const flat = (text) => text.replace(/\s+/g, ' ').trim();
  return `${flat(lines.join('\n'))} -> ${flat(replacement ?? '')}`;
}

function check(name) {
  const mutants = mutantsOf(name);
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const survivors = mutants.filter(({ status }) => ['Survived', 'NoCoverage'].includes(status));
  const unexplained = survivors.filter((mutant) => {
    const known = equivalent[mutant.file] ?? [];
    return !known.some(({ mutant: text }) => text === describe(mutant));
  });
  const killed = count('Killed', 'Timeout');
  const explained = survivors.length - unexplained.length;
  const all = killed + survivors.length;
  const score = ((100 * killed) / (all - explained)).toFixed(1);
  for (const mutant of unexplained) {
    const { file, location, status } = mutant;
    console.log(`${file}:${location.start.line}: ${status}: ${describe(mutant)}`);
  }
  console.log(
    `${name}: ${score} % of ${all} mutants are noticed: ${killed} killed, ${explained} equivalent, ${unexplained.length} survive`,
  );
  if (unexplained.length > 0) process.exitCode = 1;
}

try {
  for (const name of positionals.length > 0 ? positionals : PACKAGES) check(name);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
