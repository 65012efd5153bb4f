// For simulations.test.ts: runs simulated-program.mjs as the program of several hosts, with Node's
// own loader, and prints what has become of it.
import process from 'node:process';
import { explore, script } from '@evloop/sim';

const file = new URL('./simulated-program.mjs', import.meta.url);
const { argv } = process;
const seen = {};
const report = await explore({ until: '10s' }, async (sim) => {
  const [one, two] = ['one', 'two'].map((name) => sim.host(name, script(file, [name])));
  await sim.run('1s');
  sim.signal('one', 'SIGTERM');
  await sim.run('1s');
  for (const host of [one, two]) {
    seen[host.name] = { ...host.output, alive: host.process.alive };
  }
  sim.signal('two', 'SIGINT');
  await sim.run('1s');
  seen.twoAfterSigint = two.process.alive;
});
if (report.found !== undefined) throw report.found.failure;
const failing = await explore({ until: '10s' }, async (sim) => {
  sim.host('web', script(file, ['fails']));
  await sim.run('1s');
});
const failure = failing.found?.failure.message;
process.stdout.write(JSON.stringify({ ...seen, failure, argv: process.argv === argv }));
