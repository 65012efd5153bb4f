import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONTESTANTS } from './contestants.ts';
import { bench } from './place.ts';
import { SCENARIOS } from './scenario.ts';

/** What the command line asks for. */
export interface Options {
  readonly quick: boolean;
  readonly cases: readonly string[] | undefined;
  readonly contestants: readonly string[] | undefined;
  readonly rounds: number | undefined;
  readonly seconds: number | undefined;
  readonly micro: boolean;
  readonly install: boolean;
  readonly output: string;
  readonly compare: string | undefined;
  readonly report: string | undefined;
}

export const HELP = `npm run bench -- [options]

  --quick             the most telling cases, short: within a minute
  --case ID           this case alone (several: repeat it, or commas); "micro" is the micro benchmarks
  --contestant ID     these servers alone, likewise
  --rounds N          how often each is measured
  --seconds S         how long each time
  --no-micro          without the micro benchmarks
  --install           first installs Bun and Deno, in bench/runtimes
  --output FOLDER     where result.json and report.html go (bench/results)
  --compare OLD.json  what got faster or slower since then
  --report RESULT.json  no measuring: prints and draws this result again, --compare included

cases:        ${SCENARIOS.map((scenario) => scenario.id).join(' ')} micro
contestants:  ${CONTESTANTS.map((contestant) => contestant.id).join(' ')}
`;

/** Reads the command line; `undefined` when it asks for help. @throws Error for what it does not understand. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true },
      contestant: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'no-micro': { type: 'boolean', default: false },
      install: { type: 'boolean', default: false },
      output: { type: 'string', default: join(bench, 'results') },
      compare: { type: 'string' },
      report: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const cases = known('case', values.case, [...SCENARIOS.map(({ id }) => id), 'micro']);
  return {
    quick: values.quick,
    cases,
    contestants: known(
      'contestant',
      values.contestant,
      CONTESTANTS.map(({ id }) => id),
    ),
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    micro: !values['no-micro'] && (cases === undefined || cases.includes('micro')),
    install: values.install,
    output: values.output,
    compare: values.compare,
    report: values.report,
  };
}

function known(
  option: string,
  values: readonly string[] | undefined,
  names: readonly string[],
): readonly string[] | undefined {
  const wanted = values?.flatMap((value) => value.split(','));
  const unknown = wanted?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new Error(`--${option}: there is no ${unknown}; there are ${names.join(' ')}`);
  }
  return wanted;
}

function positive(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!(number > 0)) throw new Error(`--${option} is a number above 0, not ${value}`);
  return option === 'rounds' ? Math.ceil(number) : number;
}
