import type { Missing } from './result.ts';
import type { Service } from './servers/service.ts';

/** Somebody who serves: a program and its arguments, once it is known to be there. */
export interface Contestant {
  /** As `--contestant` takes it. */
  readonly id: string;
  readonly title: string;
  /** Takes only part in cases with many datagrams at a time. */
  readonly batch?: boolean;
  readonly services: readonly Service[];
  /** Builds or finds the program. */
  prepare(): Ready | Missing;
}

/** How to start it. */
export interface Ready {
  readonly version: string;
  command(service: Service): readonly string[];
  /** The same, started to be weighed: it prints the size of its JavaScript heap. */
  weighed?(service: Service): readonly string[];
}

/** Whether `prepare` found nothing to start. */
export function isMissing(found: Ready | Missing): found is Missing {
  return 'why' in found;
}
