import type { Duration } from '../clock/time.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import type { LinkOptions } from '../network/link-options.ts';
import type { TcpNumbers } from '../tcp/tcp-numbers.ts';
import type { Outcome } from './run-once.ts';
import type { Quirks } from './run-options.ts';

/** Options of `simulate`. */
export interface SimulateOptions {
  /** The first seed: an integer from 0; 1 where it is left out. */
  readonly seed?: number | undefined;
  /** How many seeds are tried, one after the other; 1 where it is left out. */
  readonly runs?: number | undefined;
  /** The end of virtual time; 60 s where it is left out. */
  readonly until?: Duration | undefined;
  /** What every link does; `sim.link` changes it for single ones. */
  readonly network?: LinkOptions | undefined;
  /** The numbers of TCP; Linux's where they are left out. Times are nanoseconds. */
  readonly tcp?: Partial<TcpNumbers> | undefined;
  /** What the contract allows and Linux seldom does; off where it is left out. */
  readonly quirks?: Partial<Quirks> | undefined;
  /** The faults that runs meet; none where it is left out. `swarm()` has them all. */
  readonly faults?: FaultPlan | undefined;
  /** The name of the simulation, for messages and replay files. */
  readonly name?: string | undefined;
  /** Where the replay file of a failure is written; nowhere where it is left out. */
  readonly replayFolder?: string | undefined;
  /** Runs each seed twice and compares: code that depends on more than the seed is a failure. */
  readonly verify?: boolean | undefined;
  /** How many runs shrinking a failure may take; 2000 where it is left out. 0: it is not shrunk. */
  readonly shrinkRuns?: number | undefined;
  /** How long shrinking may take, in milliseconds of real time; 30,000 where it is left out. */
  readonly shrinkMs?: number | undefined;
  /** No run starts after so many milliseconds of real time; no limit where it is left out. */
  readonly limitMs?: number | undefined;
  /** Is told of each run when it has ended. */
  readonly onRun?: ((outcome: Outcome) => void) | undefined;
  /** The wall clock at the start, in milliseconds since 1970. */
  readonly epoch?: number | undefined;
}
