import { parseArgs } from 'node:util';
import { type SocketAddress, toSocketAddress } from '@evloop/core';
import { Failure, programName, reason } from './program.ts';

/** How a program waits: `poll` lives with Node's own loop, `pollSync` blocks the thread. */
export type Wait = 'async' | 'sync';

/** What every example takes on its command line. */
export interface Options {
  readonly backend: string;
  readonly address: SocketAddress;
  readonly wait: Wait;
  readonly quiet: boolean;
  /** The values of the example's own options, as numbers. */
  readonly own: Readonly<Record<string, number>>;
}

/** An option that one example has for itself: a number. */
export interface OwnOption {
  readonly name: string;
  readonly value: number;
  readonly about: string;
  /** The greatest that makes sense. */
  readonly most?: number;
}

/** Reads the command line. With `--help` it prints what there is, and ends the program. */
export function readCommandLine(
  about: string,
  port: number,
  own: readonly OwnOption[] = [],
): Options {
  const values = parse(port, own);
  if (values['help'] === true) {
    console.log(help(about, port, own));
    process.exit(0);
  }
  const text = (name: string): string => values[name] as string;
  const wait = text('wait');
  if (wait !== 'async' && wait !== 'sync') {
    throw new Failure(`--wait is async or sync, not '${wait}'`);
  }
  return {
    backend: text('backend'),
    address: address(text('host'), text('port')),
    wait,
    quiet: values['quiet'] === true,
    own: Object.fromEntries(own.map((option) => [option.name, number(option, text(option.name))])),
  };
}

function parse(
  port: number,
  own: readonly OwnOption[],
): Record<string, string | boolean | undefined> {
  try {
    return parseArgs({
      options: {
        backend: { type: 'string', default: 'auto' },
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: String(port) },
        wait: { type: 'string', default: 'async' },
        quiet: { type: 'boolean', short: 'q' },
        help: { type: 'boolean', short: 'h' },
        ...Object.fromEntries(
          own.map(({ name, value }) => [name, { type: 'string' as const, default: String(value) }]),
        ),
      },
    }).values;
  } catch (error) {
    // Node adds advice in further sentences; a dot may also be part of an address.
    throw new Failure(`${reason(error).split(/\.\s|\n/, 1)[0]}; --help lists the options`);
  }
}

function address(host: string, port: string): SocketAddress {
  if (!/^\d{1,5}$/.test(port)) throw new Failure(`--port is from 0 to 65535, not '${port}'`);
  try {
    return toSocketAddress({ address: host, port: Number(port) });
  } catch (error) {
    throw new Failure(`cannot use --host ${host} --port ${port}: ${reason(error)}`);
  }
}

function number({ name, most = 999_999_999 }: OwnOption, text: string): number {
  const value = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= most) return value;
  throw new Failure(`--${name} is a number from 1 to ${most}, not '${text}'`);
}

function help(about: string, port: number, own: readonly OwnOption[]): string {
  const lines = [
    ['--backend NAME', 'net, epoll, or auto: epoll where it loads, else net (auto)'],
    ['--host ADDRESS', 'an IP address (127.0.0.1)'],
    ['--port NUMBER', `0 lets the system choose (${port})`],
    ['--wait HOW', 'async: with Node’s loop; sync: blocking, on kernel backends (async)'],
    ...own.map(({ name, value, about }) => [`--${name} NUMBER`, `${about} (${value})`]),
    ['--quiet, -q', 'prints only what must be said'],
    ['--help, -h', 'prints this'],
  ] as [string, string][];
  const options = lines.map(([option, meaning]) => `  ${option.padEnd(18)}${meaning}`);
  return [about, '', `Usage: node ${programName()}.js [options]`, '', ...options].join('\n');
}
