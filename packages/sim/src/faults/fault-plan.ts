import { type Duration, toNanoseconds } from '../clock/time.ts';
import { probability } from '../network/link-options.ts';

/**
 * Which faults a run may meet. Each is a family that a seed turns on or off. Plain data, so that a
 * replay file can hold it.
 */
export interface FaultPlan {
  /** The probability that a packet is lost. */
  readonly loss?: number | undefined;
  /** The probability that a packet arrives twice. */
  readonly duplicate?: number | undefined;
  /** The probability that later packets overtake one. */
  readonly reorder?: number | undefined;
  /** How much longer packets may travel. */
  readonly jitter?: Duration | undefined;
  /** The probability that a read or a write transfers less than it could. */
  readonly shortTransfers?: number | undefined;
  /** Simultaneous events happen in another order. */
  readonly order?: boolean | undefined;
  /** The probability that a poll reports readiness that is not there. */
  readonly spurious?: number | undefined;
  /** Hosts whose program is killed and started anew: names or patterns. */
  readonly crash?: readonly string[] | undefined;
  /** Hosts whose power is cut for a while. */
  readonly powerOff?: readonly string[] | undefined;
  /** Hosts whose program stands still for a while. */
  readonly pause?: readonly string[] | undefined;
  /** Pairs of hosts whose link is cut for a while: `['c*', 'web']`. */
  readonly partition?: readonly (readonly [string, string])[] | undefined;
  /** Hosts whose wall clock jumps, by up to an hour. */
  readonly skew?: readonly string[] | undefined;
  /** How often something happens to hosts or links, on average; 2 s where it is left out. */
  readonly every?: Duration | undefined;
  /** The longest time that it lasts; 5 s where it is left out. */
  readonly lasting?: Duration | undefined;
  /** Turns each family off with this probability, seed by seed; 0 where it is left out. */
  readonly off?: number | undefined;
}

const ALL = ['*'] as const;

/**
 * A plan with every family of faults. For each seed each family is off with probability ½, so that
 * rare combinations come up, and so that a fault does not hide another one.
 *
 * @param changes families with other numbers; `undefined` leaves one out.
 */
export function swarm(changes: FaultPlan = {}): FaultPlan {
  const plan: FaultPlan = {
    loss: 0.02,
    duplicate: 0.01,
    reorder: 0.01,
    jitter: '5ms',
    shortTransfers: 0.1,
    order: true,
    spurious: 0.02,
    crash: ALL,
    powerOff: ALL,
    pause: ALL,
    partition: [['*', '*']],
    skew: ALL,
    off: 0.5,
    ...changes,
  };
  checkPlan(plan);
  return plan;
}

/** Checks a plan. @throws RangeError: a value is out of range. */
export function checkPlan(plan: FaultPlan): void {
  for (const name of [
    'loss',
    'duplicate',
    'reorder',
    'shortTransfers',
    'spurious',
    'off',
  ] as const) {
    probability(plan[name], name);
  }
  for (const name of ['jitter', 'every', 'lasting'] as const) {
    if (plan[name] !== undefined) toNanoseconds(plan[name], name);
  }
}
