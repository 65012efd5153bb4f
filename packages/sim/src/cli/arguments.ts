import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface CommandLine {
  readonly command: string;
  readonly files: readonly string[];
  readonly seeds: { readonly first: number; readonly count: number };
  readonly jobs: number;
  /** After how many seconds no seed is begun; `undefined`: all are run. */
  readonly seconds: number | undefined;
  /** The end of virtual time, as it was given. */
  readonly until: string | undefined;
  readonly pcap: string | undefined;
  readonly trace: string | undefined;
  readonly out: string | undefined;
}

/** What the commands are, for `--help`. */
export const USAGE = `Usage: evloop-sim COMMAND FILE [options]

  run FILE --seeds 1..5000 --jobs 2   run the simulations of a file, in several processes
      --seconds 60                    begin no seed after a minute
  replay X.simrun                     run a failure again
      --until 12s                     only so far
      --pcap out.pcapng               with a capture for Wireshark
      --trace out.jsonl               with every event, a line each
  shrink X.simrun                     look again for fewer faults
  diff A.simrun B.simrun              print the first event that differs
  view X.simrun [--out x.html]        draw the run: hosts, packets, faults
`;

/** Reads the command line. @throws Error: it cannot be understood. */
export function readArguments(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '1..100' },
      jobs: { type: 'string', default: '1' },
      seconds: { type: 'string' },
      until: { type: 'string' },
      pcap: { type: 'string' },
      trace: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [command, ...files] = positionals;
  const help = values.help === true || command === undefined;
  return {
    command: help ? 'help' : command,
    files,
    seeds: readSeeds(values.seeds),
    jobs: readCount('jobs', values.jobs, 64),
    seconds: values.seconds === undefined ? undefined : readCount('seconds', values.seconds, 1e6),
    until: values.until,
    pcap: values.pcap,
    trace: values.trace,
    out: values.out,
  };
}

function readSeeds(text: string): CommandLine['seeds'] {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || last < first) {
    throw new Error(`invalid --seeds: ${text} (expected a number, or a range like 1..5000)`);
  }
  return { first, count: last - first + 1 };
}

function readCount(name: string, text: string, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new Error(`invalid --${name}: ${text} (expected an integer from 1 to ${most})`);
}
