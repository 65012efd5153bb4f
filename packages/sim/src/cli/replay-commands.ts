import { writeFileSync } from 'node:fs';
import { compareTraces } from '../run/difference.ts';
import { writeReplayFile } from '../run/replay-file.ts';
import { examine } from '../run/simulate.ts';
import type { Simulation } from '../run/simulation.ts';
import { Capture } from '../trace/capture.ts';
import { formatTraceLine } from '../trace/trace-entry.ts';
import { drawRun } from '../view/draw-run.ts';
import { Recorder } from '../view/recorder.ts';
import { withVirtualGlobals } from '../virtual/virtual-globals.ts';
import type { CommandLine } from './arguments.ts';
import { loadReplay, rerun } from './replay-run.ts';

/** Runs a failure again. Returns the exit code: 1 when it fails again. */
export async function replayCommand({ files, until, pcap, trace }: CommandLine): Promise<number> {
  const replayable = await loadReplay(fileOf(files, 'replay'));
  let capture: Capture | undefined;
  const outcome = await rerun(replayable, until, (simulation: Simulation) => {
    if (pcap !== undefined) capture = new Capture(simulation);
  });
  if (pcap !== undefined && capture !== undefined) writeFileSync(pcap, capture.pcapng());
  if (trace !== undefined) {
    writeFileSync(trace, outcome.lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
  for (const line of outcome.lines.slice(-20)) print(formatTraceLine(line));
  const same = outcome.hash === replayable.replay.traceHash;
  if (until === undefined && !same) print('the trace differs from that of the replay file');
  if (outcome.failure === undefined) {
    print('the run passes');
    return 0;
  }
  print(outcome.failure.message);
  return 1;
}

/** Looks again for fewer faults, and writes them into the replay file. */
export async function shrinkCommand({ files, out }: CommandLine): Promise<number> {
  const path = fileOf(files, 'shrink');
  const { replay, options, body } = await loadReplay(path);
  const outcome = await rerun({ replay, options, body });
  if (outcome.failure === undefined) {
    print('the run passes: there is nothing to shrink');
    return 0;
  }
  const kept = { ...options, replayFolder: undefined };
  const found = await withVirtualGlobals(() => examine(kept, body, outcome, replay.source));
  print(`${found.choices.length} of ${replay.choices.length} choices, in ${found.shrinkRuns} runs`);
  const { choices, hosts, until } = found;
  writeReplayFile(out ?? path, { ...replay, choices, hosts, until });
  return 1;
}

/** Prints the first event in which two runs differ. */
export async function diffCommand({ files }: CommandLine): Promise<number> {
  const [a, b] = files;
  if (a === undefined || b === undefined) throw new Error('diff needs two .simrun files');
  const one = await rerun(await loadReplay(a));
  const other = await rerun(await loadReplay(b));
  const difference = compareTraces(one, other);
  print(difference ?? 'the runs do not differ');
  return difference === undefined ? 0 : 1;
}

/** Draws a run as one HTML file. */
export async function viewCommand({ files, out, until }: CommandLine): Promise<number> {
  const path = fileOf(files, 'view');
  let recorder: Recorder | undefined;
  const outcome = await rerun(await loadReplay(path), until, (simulation) => {
    recorder = new Recorder(simulation);
  });
  const target = out ?? path.replace(/(\.simrun)?$/, '.html');
  writeFileSync(target, drawRun((recorder as Recorder).drawing(outcome)));
  print(target);
  return 0;
}

function fileOf([file]: readonly string[], command: string): string {
  if (file === undefined) throw new Error(`${command} needs a .simrun file`);
  return file;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
