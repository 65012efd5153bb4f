import { realSetImmediate } from './runtime.ts';
import type { Scheduler } from './scheduler.ts';

/** Why the pump stopped: the time was up, nothing is left to happen, or it was told to. */
export type PumpEnd = 'time' | 'idle' | 'stopped';

/** What the pump asks between events. */
export interface PumpGuard {
  /** Whether code of a program may have run since the last event. Reading it resets it. */
  ran(): boolean;
  /** Called after code of a program ran. Returns true to stop. */
  check(): boolean;
  /**
   * A promise of the moment when work outside of the simulation is done; `undefined` when there is
   * none.
   */
  foreign(): Promise<void> | undefined;
}

/**
 * Handles the events of a scheduler, each in a macrotask of its own, so that the runtime drains
 * ticks and microtasks before the next one. Events in which no code of a program ran share a
 * macrotask: nothing is there to drain.
 *
 * @param one goes on to the next event although nothing but weak ones is left.
 */
export function pump(
  scheduler: Scheduler,
  guard: PumpGuard,
  until: number,
  one = false,
): Promise<PumpEnd> {
  let weakToo = one;
  return new Promise((resolve, reject) => {
    const step = (): void => {
      try {
        if (guard.check()) {
          resolve('stopped');
          return;
        }
        const foreign = guard.foreign();
        if (foreign !== undefined) {
          foreign.then(() => realSetImmediate(step), reject);
          return;
        }
        do {
          const next = scheduler.next;
          if (next === undefined || !(scheduler.busy || weakToo)) {
            resolve('idle');
            return;
          }
          if (next > until) {
            scheduler.now = until;
            resolve('time');
            return;
          }
          weakToo = false;
          scheduler.step();
        } while (!guard.ran());
        realSetImmediate(step);
      } catch (error) {
        reject(error);
      }
    };
    // Code that ran before the pump may have left microtasks.
    realSetImmediate(step);
  });
}
