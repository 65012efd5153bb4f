import type { Duration } from '../clock/time.ts';
import type { LinkOptions } from '../network/link-options.ts';
import type { TcpNumbers } from '../tcp/tcp-numbers.ts';
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
  /** The wall clock at the start, in milliseconds since 1970. */
  readonly epoch?: number | undefined;
}
