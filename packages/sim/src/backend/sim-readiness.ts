import { Readiness, type Ready, type Source } from '@evloop/core';
import { current } from '../host/current.ts';
import type { Process } from '../host/process.ts';

/** A source of a simulated process. */
export interface SimSource extends Source {
  readonly process: Process;
  /** The state of its connection, where it has one. */
  readonly modelState?: string | undefined;
  /** What waits to be taken. */
  readonly unread: number;
}

/**
 * The readiness of a simulated socket: what the kernel sets, it sets as an event of the socket's
 * process.
 */
export class SimReadiness extends Readiness {
  override set(bits: Ready): void {
    if (this.registry === undefined) {
      super.set(bits);
      return;
    }
    const { process, modelState, unread } = this.source as SimSource;
    const kind = modelState ?? this.source.constructor.name;
    const queue = unread > 0 ? 'filled' : 'empty';
    process.simulation.coverage.add(`${kind} ${this.condition} sets ${bits}, queue ${queue}`);
    // Whatever a program has attached to this event continues in its own process.
    process.simulation.ran = true;
    if (current.getStore() === process) super.set(bits);
    else current.run(process, () => super.set(bits));
  }
}
