// A release needs the rare and slow proofs of `.ci/run --full` on exactly the released commit.
//
//   node tools/release/full-gate.mjs            exits 1 if they have not passed on this commit
//   node tools/release/full-gate.mjs --passed   records that they have; .ci/run --full does this
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const note = `${root}node_modules/.cache/evloop-full-gate`;
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
const commit = git('rev-parse', 'HEAD');
const clean = git('status', '--porcelain') === '';

function passed() {
  try {
    return readFileSync(note, 'utf8').trim();
  } catch {
    return undefined;
  }
}

if (process.argv.includes('--passed')) {
  if (clean) {
    mkdirSync(dirname(note), { recursive: true });
    writeFileSync(note, `${commit}\n`);
  } else console.log('not noted for a release: there are changes that are not committed');
} else if (!clean || passed() !== commit) {
  console.error(`a release needs .ci/run --full to pass on this commit first (${commit})`);
  process.exitCode = 1;
}
