import { type Events, pushEvent } from '../events.ts';

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

/** Checks `events`. @throws TypeError: it is not an `Events`. */
export function checkEvents(events: Events): void {
  // By shape, not by class: a program may hold two copies of this package.
  const methods = events as Partial<Events> | null | undefined;
  if (typeof methods?.[pushEvent] !== 'function' || typeof methods.clear !== 'function') {
    throw new TypeError(`invalid events: ${String(events)} (expected an Events)`);
  }
}

/** Returns `signal`. @throws TypeError: it is not a signal (an `AbortController`, for instance). */
export function checkSignal(signal: PollSignal | undefined): PollSignal | undefined {
  if (signal === undefined) return undefined;
  const methods = signal as Partial<PollSignal> | null;
  if (
    typeof methods?.aborted !== 'boolean' ||
    typeof methods.addEventListener !== 'function' ||
    typeof methods.removeEventListener !== 'function'
  ) {
    throw new TypeError(`invalid signal: ${String(signal)} (expected an AbortSignal)`);
  }
  return signal;
}

/**
 * Returns the timeout in milliseconds, or `null` for no limit.
 *
 * @throws RangeError: `timeoutMs` is not a number ≥ 0.
 */
export function checkTimeout(timeoutMs: number | null | undefined): number | null {
  if (timeoutMs === null || timeoutMs === undefined || timeoutMs === Infinity) return null;
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return timeoutMs;
  throw new RangeError(
    `invalid timeout: ${String(timeoutMs)} (expected milliseconds from 0, or null for no timeout)`,
  );
}
