import { basename } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type SocketAddress, toSocketAddress } from '@evloop/core';
import { Failure, reason } from './failure.ts';

/** An option that one program has for itself. */
export interface OwnOption {
  /** The default. Its type is that of the option: a number, a string, or a flag. */
  readonly value: number | string | boolean;
  /** What `--help` says about it. */
  readonly about: string;
  /** How `--help` calls the value. Default: `NUMBER` or `TEXT`. */
  readonly hint?: string;
  /** The greatest number that makes sense. Default: 999999999. */
  readonly most?: number;
}

/** The options of one program, by name. */
export type OwnOptions = Readonly<Record<string, OwnOption>>;

/** The values of {@link OwnOptions}. */
export type OwnValues<Own extends OwnOptions> = {
  readonly [Name in keyof Own]: Own[Name]['value'] extends number
    ? number
    : Own[Name]['value'] extends boolean
      ? boolean
      : string;
};

/** What a program says about itself on its command line. */
export interface Usage<Own extends OwnOptions> {
  /** One sentence for `--help`. */
  readonly about: string;
  /** The default of `--port`. */
  readonly port: number;
  /** Its own options. */
  readonly options?: Own;
}

/** The values of a command line. */
export interface CommandLine<Own extends OwnOptions> {
  readonly backend: string;
  readonly address: SocketAddress;
  readonly wait: 'async' | 'sync';
  readonly cork: boolean;
  readonly quiet: boolean;
  readonly own: OwnValues<Own>;
}

/** Returns what the program is called: `tcp_server`. */
export function programName(): string {
  return basename(process.argv[1] ?? 'program').replace(/\.[cm]?[jt]s$/, '');
}

/**
 * Reads the command line.
 *
 * @returns the values; `undefined` when `--help` was asked for, which is printed.
 * @throws Failure: an option is unknown or invalid.
 */
export function readCommandLine<Own extends OwnOptions>(
  usage: Usage<Own>,
): CommandLine<Own> | undefined {
  const own: OwnOptions = usage.options ?? {};
  const values = parse(usage.port, own);
  if (values['help'] === true) {
    process.stdout.write(help(usage.about, usage.port, own));
    return undefined;
  }
  const text = (name: string): string => values[name] as string;
  const wait = text('wait');
  if (wait !== 'async' && wait !== 'sync') {
    throw new Failure(`--wait is async or sync, not '${wait}'`);
  }
  const entries = Object.entries(own).map(([name, option]) => {
    return [
      name,
      typeof option.value === 'number' ? number(name, option, text(name)) : values[name],
    ];
  });
  return {
    backend: text('backend'),
    address: addressOf(text('host'), text('port')),
    wait,
    cork: values['cork'] === true,
    quiet: values['quiet'] === true,
    own: Object.fromEntries(entries) as OwnValues<Own>,
  };
}

function parse(port: number, own: OwnOptions): Record<string, string | boolean | undefined> {
  const text = (value: string) => ({ type: 'string' as const, default: value });
  const options = Object.entries(own).map(([name, { value }]) => {
    return [
      name,
      typeof value === 'boolean' ? { type: 'boolean', default: value } : text(`${value}`),
    ];
  });
  try {
    return parseArgs({
      options: {
        backend: text('auto'),
        host: text('127.0.0.1'),
        port: text(String(port)),
        wait: text('async'),
        cork: { type: 'boolean' },
        quiet: { type: 'boolean', short: 'q' },
        help: { type: 'boolean', short: 'h' },
        ...Object.fromEntries(options),
      },
    }).values as Record<string, string | boolean | undefined>;
  } catch (error) {
    // Node adds advice in further sentences; a dot may also be part of an address.
    throw new Failure(`${reason(error).split(/\.\s|\n/, 1)[0]}; --help lists the options`);
  }
}

/**
 * Returns an IP address and a port as a socket address.
 *
 * @throws Failure: one of them is invalid.
 */
function addressOf(host: string, port: string): SocketAddress {
  if (!/^\d{1,5}$/.test(port)) throw new Failure(`--port is from 0 to 65535, not '${port}'`);
  try {
    return toSocketAddress({ address: host, port: Number(port) });
  } catch (error) {
    throw new Failure(`cannot use --host ${host} --port ${port}: ${reason(error)}`);
  }
}

function number(name: string, { most = 999_999_999 }: OwnOption, text: string): number {
  const value = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= most) return value;
  throw new Failure(`--${name} is a number from 1 to ${most}, not '${text}'`);
}

function help(about: string, port: number, own: OwnOptions): string {
  const lines = [
    ['--backend NAME', 'net, epoll, or auto: the first that is available (auto)'],
    ['--host ADDRESS', 'an IP address (127.0.0.1)'],
    ['--port NUMBER', `0 lets the system choose (${port})`],
    ['--wait HOW', 'async: with Node’s loop; sync: blocking, on kernel backends (async)'],
    ['--cork', 'sends the writes of a batch together, on backends that can'],
    ...Object.entries(own).map(([name, option]) => helpOf(name, option)),
    ['--quiet, -q', 'prints only what must be said'],
    ['--help, -h', 'prints this'],
  ] as [string, string][];
  const options = lines.map(([option, meaning]) => `  ${option.padEnd(22)}${meaning}\n`);
  return `${about}\n\nUsage: node ${programName()}.js [options]\n\n${options.join('')}`;
}

function helpOf(name: string, { value, about, hint }: OwnOption): [string, string] {
  if (typeof value === 'boolean') return [`--${name}`, about];
  const kind = hint ?? (typeof value === 'number' ? 'NUMBER' : 'TEXT');
  return [`--${name} ${kind}`, value === '' ? about : `${about} (${value})`];
}
