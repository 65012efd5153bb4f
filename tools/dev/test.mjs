// `npm test -- …`: builds what is missing (examples and child processes run the built files), then
// runs all tests once. Its last line is `N passed, N failed, N skipped`. Further arguments go to
// vitest.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

build();
const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = ['node_modules/vitest/vitest.mjs', 'run'];
const reporters = ['--reporter=default', '--reporter=./tools/dev/count-reporter.mjs'];
const { status } = spawnSync(
  process.execPath,
  [...vitest, ...reporters, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
