import { type Duration, toNanoseconds } from '../clock/time.ts';

/** What a link between two hosts does. Each number holds for both directions. */
export interface LinkOptions {
  /** How long a packet travels; 0.1 ms where it is left out. */
  readonly latency?: Duration | undefined;
  /**
   * How much longer it may travel, evenly distributed; none where it is left out. Keeps the order.
   */
  readonly jitter?: Duration | undefined;
  /** The probability that a packet is lost: 0 to 1. */
  readonly loss?: number | undefined;
  /** The probability that a packet arrives twice: 0 to 1. */
  readonly duplicate?: number | undefined;
  /** The probability that a packet is overtaken by later ones: 0 to 1. */
  readonly reorder?: number | undefined;
  /** Bits a second: a number, or a text like `'10Mbit'`. Not limited where it is left out. */
  readonly rate?: number | string | undefined;
  /** The largest IP packet, in bytes: 576 to 65536; 1500 where it is left out. */
  readonly mtu?: number | undefined;
}

/** The checked numbers of a link. Times are nanoseconds. */
export interface LinkNumbers {
  readonly latency: number;
  readonly jitter: number;
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  /** Bits a second; 0: not limited. */
  readonly rate: number;
  readonly mtu: number;
}

/** Linux's loopback interface, as far as programs notice. */
export const LOOPBACK: LinkNumbers = {
  latency: 10_000,
  jitter: 0,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  rate: 0,
  mtu: 65_536,
};

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

/** Checks the options of a link. @throws RangeError: a value is out of range. */
export function linkNumbers(options: LinkOptions): LinkNumbers {
  const { mtu = 1500 } = options;
  if (!Number.isInteger(mtu) || mtu < 576 || mtu > 65536) {
    throw new RangeError(`invalid mtu: ${String(mtu)} (expected an integer from 576 to 65536)`);
  }
  return {
    latency: toNanoseconds(options.latency ?? 0.1, 'latency'),
    jitter: toNanoseconds(options.jitter ?? 0, 'jitter'),
    loss: probability(options.loss, 'loss'),
    duplicate: probability(options.duplicate, 'duplicate'),
    reorder: probability(options.reorder, 'reorder'),
    rate: toRate(options.rate),
    mtu,
  };
}

/** Checks a probability, 0 where it is left out. @throws RangeError: it is not from 0 to 1. */
export function probability(value: number | undefined, name: string): number {
  const given = value ?? 0;
  if (typeof given === 'number' && given >= 0 && given <= 1) return given;
  throw new RangeError(`invalid ${name}: ${String(value)} (expected a number from 0 to 1)`);
}

function toRate(rate: number | string | undefined): number {
  if (rate === undefined) return 0;
  const match = /^(\d+(?:\.\d+)?)\s*([kMG]?)(?:bit)?$/.exec(String(rate));
  const bits = match && Number(match[1]) * (UNITS[match[2] as string] as number);
  if (bits !== null && bits >= 1) return bits;
  throw new RangeError(
    `invalid rate: ${String(rate)} (expected bits a second from 1, or a text like '10Mbit')`,
  );
}
