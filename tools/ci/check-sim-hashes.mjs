// Runs the same seeds of a simulation on every runtime, and compares the hashes of their traces:
//
//   node tools/ci/check-sim-hashes.mjs
//
// A runtime that cannot be had from npm is named, and left out.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RUNTIMES } from './runtimes/runtimes.mjs';

const INSTALL_MS = 100_000;
/** It takes a second. */
const PATIENCE_MS = 60_000;
const SEEDS = '20';

const program = fileURLToPath(new URL('./runtimes/simulated-program.mjs', import.meta.url));
const { stdout: wanted, stderr } = spawnSync(process.execPath, [program, SEEDS], {
  encoding: 'utf8',
});
if (!wanted.startsWith('[')) throw new Error(`the simulation does not run here: ${stderr}`);
console.log(`Node ${process.versions.node}: ${SEEDS} seeds`);
for (const { title, version, suites, command } of RUNTIMES) {
  // What runs net alone is no machine of the simulator's users.
  if (suites !== undefined) continue;
  let words;
  try {
    words = command(INSTALL_MS);
  } catch (error) {
    console.log(`${title}: left out: ${error.message}`);
    continue;
  }
  const [file, ...args] = words;
  const { stdout, stderr } = spawnSync(file, [...args, program, SEEDS], {
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  });
  if (stdout === wanted) {
    console.log(`${title} (${version}): the same hashes`);
    continue;
  }
  const [ours, theirs] = [wanted, stdout || '[]'].map((text) => JSON.parse(text));
  const seed = ours.findIndex((hash, i) => hash !== theirs[i]) + 1;
  const why = stdout === '' ? stderr.trim().split('\n').slice(0, 6).join('\n') : `seed ${seed}`;
  console.error(`error: ${title} (${version}): other hashes: ${why}`);
  process.exitCode = 1;
}
