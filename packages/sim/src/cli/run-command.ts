import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { takeControl } from '../run/control.ts';
import { formatReport, type Report } from '../run/report.ts';
import { explore } from '../run/simulate.ts';
import type { CommandLine } from './arguments.ts';
import { Progress } from './progress.ts';

/** A message of a process that runs seeds. */
interface JobMessage {
  readonly runs?: number;
  readonly events?: number;
  readonly failure?: string;
}

const REPLAYS = '.simruns';

/** Runs the simulations of a file. Returns the exit code. */
export async function runCommand({ files, seeds, jobs, seconds }: CommandLine): Promise<number> {
  const [file] = files;
  if (file === undefined) throw new Error('run needs a file that calls simulate()');
  const progress = new Progress(seeds.count, (text) => process.stderr.write(text));
  const each = Math.ceil(seeds.count / jobs);
  const codes = await Promise.all(
    Array.from({ length: jobs }, (_, i) => {
      const first = seeds.first + i * each;
      const count = Math.min(each, seeds.first + seeds.count - first);
      return count <= 0 ? 0 : startJob(file, { first, count, seconds }, progress);
    }),
  );
  process.stderr.write(`${progress.end()}\n`);
  return Math.max(...codes);
}

interface Job {
  readonly first: number;
  readonly count: number;
  readonly seconds: number | undefined;
}

function startJob(
  file: string,
  { first, count, seconds }: Job,
  progress: Progress,
): Promise<number> {
  const self = fileURLToPath(import.meta.url).replace(/run-command\.(\w+)$/, 'main.$1');
  const range = `${first}..${first + count - 1}`;
  const limit = seconds === undefined ? [] : ['--seconds', String(seconds)];
  const child = fork(self, ['job', resolve(file), '--seeds', range, ...limit]);
  child.on('message', ({ runs = 0, events = 0, failure }: JobMessage) => {
    progress.add(runs, events);
    if (failure !== undefined) process.stdout.write(`${failure}\n`);
  });
  return new Promise((settle, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => settle(code ?? 1));
  });
}

/** Runs some seeds of a file in this process, and tells its parent. Returns the exit code. */
export async function jobCommand({ files, seeds, seconds }: CommandLine): Promise<number> {
  const file = resolve(files[0] as string);
  let failed = false;
  let simulations = 0;
  const pending: Promise<unknown>[] = [];
  takeControl({
    pending,
    async take(options, body): Promise<Report> {
      simulations++;
      const report = await explore(
        {
          ...options,
          seed: seeds.first,
          runs: seeds.count,
          limitMs: seconds === undefined ? undefined : seconds * 1000,
          replayFolder: options.replayFolder ?? REPLAYS,
          onRun: ({ events }) => tell({ runs: 1, events }),
        },
        body,
        // A module of its own may call simulate(); the file that was named loads it.
        file,
      );
      // What is expected of a whole campaign is not expected of a part of it.
      if (report.found === undefined) return report;
      failed = true;
      tell({ failure: formatReport(report) });
      return report;
    },
  });
  await import(pathToFileURL(file).href);
  await Promise.all(pending);
  if (simulations === 0) throw new Error(`${file} calls no simulate()`);
  return failed ? 1 : 0;
}

function tell(message: JobMessage): void {
  if (process.send !== undefined) process.send(message);
  else if (message.failure !== undefined) process.stdout.write(`${message.failure}\n`);
}
