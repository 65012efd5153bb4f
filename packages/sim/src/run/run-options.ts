import { toNanoseconds } from '../clock/time.ts';
import { type LinkOptions, probability } from '../network/link-options.ts';
import type { TcpNumbers } from '../tcp/tcp-numbers.ts';
import type { SimulateOptions } from './options.ts';

/** What programs meet that the contract allows, and Linux seldom does. */
export interface Quirks {
  /** The probability that a read or write transfers less than it could. */
  readonly shortTransfers: number;
  /** Reports events of the same time in another order. */
  readonly order: boolean;
  /** The probability that a poll reports readiness that is not there. */
  readonly spurious: number;
}

/** The checked options of one run. */
export interface RunOptions {
  readonly until: number;
  readonly network: LinkOptions;
  readonly tcp: Partial<TcpNumbers>;
  readonly quirks: Quirks;
  readonly epoch: number;
}

/** Noon of the first day of 2026, UTC. */
const EPOCH = 1_767_268_800_000;

/** Checks the options of a run. @throws RangeError: a value is out of range. */
export function runOptions(options: SimulateOptions): RunOptions {
  const { quirks = {} } = options;
  return {
    until: toNanoseconds(options.until ?? '60s', 'until'),
    network: options.network ?? {},
    tcp: options.tcp ?? {},
    epoch: options.epoch ?? EPOCH,
    quirks: {
      shortTransfers: probability(quirks.shortTransfers, 'shortTransfers'),
      order: quirks.order ?? false,
      spurious: probability(quirks.spurious, 'spurious'),
    },
  };
}
