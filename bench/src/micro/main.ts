// node main.js BACKEND MILLISECONDS: times single operations on built code, and prints JSON.
import type { Backend } from '@evloop/core';
import { Bench } from 'tinybench';
import type { MicroResult } from '../result.ts';
import type { MicroCase } from './micro-case.ts';
import { nounCases } from './nouns.ts';
import { pollCases } from './polls.ts';
import { socketCases } from './sockets.ts';

const [name = '', milliseconds = '100'] = process.argv.slice(2);
const backend = (await import(`@evloop/${name}`)) as Backend;
const results: MicroResult[] = [];
for (const group of [nounCases, pollCases, socketCases]) {
  for await (const one of group(backend)) {
    process.stderr.write(`${one.title}\n`);
    results.push(await time(one, Number(milliseconds)));
    await one.end?.();
  }
}
process.stdout.write(JSON.stringify(results));
process.exit(); // whatever is still open

async function time(one: MicroCase, time: number): Promise<MicroResult> {
  const { runs } = one;
  const bench = new Bench({
    time: runs === undefined ? time : 0,
    warmupTime: runs === undefined ? time / 4 : 0,
    iterations: runs ?? 16,
    warmupIterations: 8,
  });
  bench.add(one.id, one.run);
  await bench.run();
  const result = bench.tasks[0]?.result;
  const common = { id: one.id, title: one.title, backend: name };
  if (result?.state !== 'completed') {
    const failure = result?.state === 'errored' ? result.error.message : 'it was not completed';
    const [median, lower, upper] = [Number.NaN, Number.NaN, Number.NaN];
    return { ...common, median, lower, upper, failure };
  }
  const { p50, p75, min } = result.latency;
  const nanoseconds = (latency: number): number => (latency * 1e6) / one.operations;
  // From the best to the upper quartile: what lies beyond is the machine's other work.
  return { ...common, median: nanoseconds(p50), lower: nanoseconds(min), upper: nanoseconds(p75) };
}
