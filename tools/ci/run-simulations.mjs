// Runs the simulations of examples/simulations on the built packages, and prints what was run:
//
//   node tools/ci/run-simulations.mjs [name …]
//
// EVLOOP_SIM_SEEDS     how many seeds of each (1000)
// EVLOOP_SIM_FIRST     the first seed (1)
// EVLOOP_SIM_SECONDS   after how many seconds no seed is begun, for all of them together (85)
//
// A slow machine runs fewer seeds within this time, which is no failure. A failure prints what was
// broken, and leaves a replay file in .simruns.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const SIMULATIONS = [
  'tcp-server',
  'broadcast-server',
  'udp-server',
  'tcp-proxy',
  'connect',
  'http-server',
  'many-clients',
];
/** What takes much longer than the others runs fewer seeds. */
const SHARE = { 'many-clients': 0.01 };

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = fileURLToPath(new URL('../../packages/sim/dist/cli/main.js', import.meta.url));
const number = (name, preset) => Number(process.env[name] ?? preset);
const seeds = number('EVLOOP_SIM_SEEDS', 1000);
const first = number('EVLOOP_SIM_FIRST', 1);
const totalSeconds = number('EVLOOP_SIM_SECONDS', 85);
const jobs = Math.min(availableParallelism(), 8);

async function run(name, count, seconds) {
  const file = fileURLToPath(
    new URL(`../../examples/dist/simulations/${name}.js`, import.meta.url),
  );
  if (!existsSync(file)) throw new Error(`${file} is missing: npm run build`);
  const range = `${first}..${first + count - 1}`;
  const options = ['--seeds', range, '--jobs', String(jobs), '--seconds', String(seconds)];
  const child = spawn(process.execPath, [cli, 'run', file, ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const [code] = await once(child, 'close');
  console.log(`${name.padEnd(18)} ${err.trim().split('\n').at(-1) ?? ''}`);
  if (code !== 0) console.log(`${out}${out === '' ? err : ''}`);
  return code === 0;
}

const names = process.argv.length > 2 ? process.argv.slice(2) : SIMULATIONS;
const end = performance.now() + totalSeconds * 1000;
const failed = [];
for (const [index, name] of names.entries()) {
  const left = Math.max(0, end - performance.now()) / 1000;
  const seconds = Math.max(1, Math.floor(left / (names.length - index)));
  const count = Math.max(1, Math.round(seeds * (SHARE[name] ?? 1)));
  if (!(await run(name, count, seconds))) failed.push(name);
}
if (failed.length > 0) {
  console.error(`error: simulations failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
