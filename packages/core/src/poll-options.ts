import type { Events } from './events.ts';

/** The part of the standard `AbortSignal` that `poll` uses, so that core needs no host's types. */
export interface PollSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Options of one {@link Poll.poll}. */
export interface PollOptions {
  /** Ends the wait: `poll` rejects with the signal's reason, and no event is lost. */
  readonly signal?: PollSignal | undefined;
}

/** A `poll` that is pending. */
export interface Wait {
  readonly events: Events;
  readonly deadline: number;
  readonly signal: PollSignal | undefined;
  readonly resolve: (count: number) => void;
  readonly reject: (reason: unknown) => void;
}

/** @throws TypeError for what is no `Events`. */
export function checkEvents(events: Events): void {
  // By shape, not by class: a program may hold two copies of this package.
  const methods = events as Partial<Events> | null | undefined;
  if (typeof methods?.push !== 'function' || typeof methods.clear !== 'function') {
    throw new TypeError('events must be an Events');
  }
}

/**
 * The timeout that an argument means; `null` for none.
 *
 * @throws RangeError for what is no number ≥ 0.
 */
export function checkTimeout(timeoutMs: number | null | undefined): number | null {
  if (timeoutMs === null || timeoutMs === undefined || timeoutMs === Infinity) return null;
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return timeoutMs;
  throw new RangeError(
    `a timeout is a number of milliseconds ≥ 0, or null for none, not ${String(timeoutMs)}`,
  );
}
