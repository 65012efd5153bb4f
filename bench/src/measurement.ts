import { setTimeout as delay } from 'node:timers/promises';
import type { Contestant, Ready } from './contestant.ts';
import { type Duration, runLoad } from './load-run.ts';
import type { CaseResult, Row, Sample } from './result.ts';
import type { Scenario } from './scenario.ts';
import { ServerProcess } from './server-process.ts';
import type { Counter } from './syscall-count.ts';

/** Who takes part, and how to start it. */
export interface Entrant {
  readonly contestant: Contestant;
  readonly ready: Ready;
}

/** How much is measured. */
export interface Effort {
  readonly rounds: number;
  readonly duration: Duration;
  /** Warm-up before the first round: compilers and allocators settle. */
  readonly firstWarmup: number;
  /** The most idle connections that this machine can have. */
  readonly mostIdle: number;
  readonly counter: Counter | undefined;
  progress(text: string): void;
}

interface Lane extends Entrant {
  readonly row: Row;
  server?: ServerProcess;
}

/**
 * Measures one case: all servers run, and take turns at being loaded, in rounds, each of which
 * begins with another one. So what the machine does meanwhile hits all of them alike.
 */
export async function measureCase(
  scenario: Scenario,
  entrants: readonly Entrant[],
  effort: Effort,
): Promise<CaseResult> {
  const lanes: Lane[] = entrants
    .filter(({ contestant }) => takesPart(contestant, scenario))
    .map((entrant) => ({ ...entrant, row: emptyRow(entrant.contestant) }));
  try {
    await Promise.all(lanes.map((lane) => start(lane, scenario)));
    const rounds = Math.min(effort.rounds, scenario.mostRounds ?? effort.rounds);
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < lanes.length; turn++) {
        const lane = lanes[(turn + round) % lanes.length] as Lane;
        effort.progress(`round ${round + 1}/${rounds}: ${lane.contestant.id}`);
        await attempt(lane, async () => {
          lane.row.samples[round] = await measureOnce(lane, scenario, effort, round);
        });
      }
    }
    for (const lane of lanes) {
      if (effort.counter === undefined) break;
      effort.progress(`system calls: ${lane.contestant.id}`);
      await attempt(lane, () => countSyscalls(lane, scenario, effort.counter as Counter));
    }
  } finally {
    await Promise.all(lanes.map((lane) => lane.server?.stop()));
  }
  if (scenario.idle !== undefined) {
    for (const lane of lanes) {
      effort.progress(`memory: ${lane.contestant.id}`);
      await attempt(lane, () =>
        weigh(lane, scenario, Math.min(scenario.idle ?? 0, effort.mostIdle)),
      );
    }
  }
  const { id, title, message } = scenario;
  return { id, title, message, rows: lanes.map((lane) => lane.row) };
}

function takesPart(contestant: Contestant, scenario: Scenario): boolean {
  if (!contestant.services.includes(scenario.service)) return false;
  return contestant.batch !== true || scenario.batches === true;
}

function emptyRow({ id, title }: Contestant): Row {
  return { contestant: id, title, samples: [] };
}

async function start(lane: Lane, { service }: Scenario): Promise<void> {
  await attempt(lane, async () => {
    lane.server = await ServerProcess.start(lane.ready.command(service));
  });
}

/** A contestant that fails is out, and says why; the others go on. */
async function attempt(lane: Lane, work: () => Promise<void>): Promise<void> {
  if (lane.row.failure !== undefined) return;
  try {
    await work();
  } catch (error) {
    await delay(50); // the end of a process is known a little later
    lane.row.failure = lane.server?.end ?? (error instanceof Error ? error.message : String(error));
    await lane.server?.stop();
  }
}

async function measureOnce(
  lane: Lane,
  scenario: Scenario,
  effort: Effort,
  round: number,
): Promise<Sample> {
  const server = lane.server as ServerProcess;
  const { duration, firstWarmup, mostIdle } = effort;
  const first = { ...duration, warmup: round === 0 ? firstWarmup : duration.warmup };
  const alone = await runLoad(server, scenario.load, first);
  if (scenario.idle === undefined) return alone;
  const idle = ['--idle', String(Math.min(scenario.idle, mostIdle))];
  const among = await runLoad(server, [...scenario.load, ...idle], duration);
  await delay(300); // until the server has closed them
  return { ...among, aloneCpuUs: alone.cpuUs };
}

async function countSyscalls(lane: Lane, scenario: Scenario, counter: Counter): Promise<void> {
  const server = lane.server as ServerProcess;
  let messages = 0;
  const calls = await counter.count(server, async () => {
    const few = { warmup: 0, seconds: 0.3, limit: 20_000 };
    messages = (await runLoad(server, scenario.load, few)).messages;
  });
  if (Number.isFinite(calls)) lane.row.syscalls = calls / messages;
}

async function weigh(lane: Lane, scenario: Scenario, idle: number): Promise<void> {
  const command = lane.ready.weighed ?? lane.ready.command;
  const server = await ServerProcess.start(command(scenario.service));
  try {
    const some = { warmup: 0.2, seconds: 0.3 };
    await runLoad(server, scenario.load, some); // so that what it needs anyway is there
    await delay(500);
    const rss = server.residentBytes('VmRSS');
    const heap = server.heap;
    const heaps: number[] = [];
    const timer = setInterval(() => server.heap !== undefined && heaps.push(server.heap), 100);
    await runLoad(server, [...scenario.load, '--idle', String(idle)], {
      warmup: 0.2,
      seconds: 0.8,
    });
    clearInterval(timer);
    lane.row.rssEach = Math.max(0, server.residentBytes('VmHWM') - rss) / idle;
    if (heap !== undefined) lane.row.heapEach = Math.max(0, Math.max(...heaps) - heap) / idle;
  } finally {
    await server.stop();
  }
}
