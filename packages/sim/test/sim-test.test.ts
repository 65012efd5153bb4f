// What simTest does with a runner: a test that passes, one that fails, and fresh seeds at night.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, test } from 'vitest';
import { simTest } from '../src/runner/sim-test.ts';

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

const module = (path: string): string =>
  pathToFileURL(fileURLToPath(new URL(`../dist/${path}`, import.meta.url))).href;

simTest('a simulation is a test of vitest', { runs: 5 }, async (sim) => {
  let ended = false;
  sim.host('one', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    ended = true;
  });
  await sim.run();
  assert.ok(ended);
});

/** Tries which seeds, and fails with the third of them where `fails` is set. */
const PROGRAM = `
import { simTest } from '${module('runner/sim-test.js')}';
const seeds = [];
process.on('exit', () => process.stderr.write('seeds ' + seeds.join() + '\\n'));
simTest('counts', { runs: 4, freshRuns: 6, faults: { crash: ['c*'] } }, async (sim) => {
  seeds.push(sim.seed);
  let starts = 0;
  sim.host('c', async () => {
    starts++;
    await new Promise((resolve) => setTimeout(resolve, 20_000));
  });
  if (process.env.FAILS) sim.always('it starts once', () => starts < 2);
  await sim.run('10s');
});
`;

function nodeTest(env: NodeJS.ProcessEnv): { code: number | null; out: string; err: string } {
  const file = join(folder, 'program.test.mjs');
  writeFileSync(file, PROGRAM);
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:NODE_|VITEST|EVLOOP_)/.test(name),
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...Object.fromEntries(inherited), ...env },
  });
  return { code: status, out: stdout, err: stderr };
}

test('a simulation is a test of node:test, with the same seeds each time', () => {
  const { code, out, err } = nodeTest({});
  assert.equal(code, 0, out);
  assert.match(out, /counts/);
  assert.match(err, /^seeds 1,2,3,4$/m);
});

test('at night it tries seeds that nobody has tried', () => {
  const { code, err } = nodeTest({ EVLOOP_SIM_FRESH: '1' });
  assert.equal(code, 0, err);
  const seeds = (/^seeds (.*)$/m.exec(err)?.[1] ?? '').split(',').map(Number);
  assert.equal(seeds.length, 6);
  assert.ok(seeds.every((seed, i) => seed > 1000 && seed === (seeds[0] as number) + i));
});

test('a failure has the invariant, the events, the faults, the replay file and the command', () => {
  const { code, out } = nodeTest({ FAILS: '1' });
  assert.equal(code, 1);
  assert.match(out, /broken invariant: it starts once/);
  assert.match(out, /the last \d+ events:/);
  assert.match(out, /the faults that are needed \(\d+ of \d+ choices\):/);
  const [, file = ''] = /replay file: (\S+)/.exec(out) ?? [];
  assert.ok(existsSync(join(folder, file)), out);
  assert.match(out, /npx evloop-sim replay \.simruns\/counts-\d+\.simrun/);
});
