import type { Origin } from './origin.ts';

interface Process {
  emitWarning?(message: string, options: { type: string; code: string }): void;
}

/** The part of a source that outlives it: how to release its resource, and where it was made. */
export interface Leftover {
  /** Releases the descriptor or handle. Must not reference the source. */
  release(): void;
  readonly origin: Origin;
}

/**
 * The number of lost sources by origin. It has as many entries as the program has places that make
 * sources.
 */
const losses = new Map<string, number>();

const lost = new FinalizationRegistry<Leftover>((leftover) => {
  leftover.release();
  try {
    report(leftover);
  } catch {
    // The program may have replaced `process.emitWarning` or an origin. An exception here would end
    // the process.
  }
});

function report(leftover: Leftover): void {
  const origin = String(leftover.origin);
  const count = (losses.get(origin) ?? 0) + 1;
  losses.set(origin, count);
  if (!isPowerOfTen(count)) return;
  const soFar = count === 1 ? '' : ` (${count} of them so far)`;
  const message = `a source was garbage-collected without being closed: ${origin}${soFar}`;
  const process = (globalThis as { process?: Process }).process;
  process?.emitWarning?.(message, { type: 'EvloopWarning', code: 'EVLOOP_LOST_SOURCE' });
}

function isPowerOfTen(count: number): boolean {
  return Number.isInteger(Math.log10(count));
}

/**
 * The sources that were made since the last garbage collection, by their leftover. This map holds
 * them until the next one. Most sources are closed before that, so they never need the
 * `FinalizationRegistry`, which costs more.
 */
const youngSources = new Map<Leftover, object>();
let awaiting = false;

const collections = new FinalizationRegistry<undefined>(() => {
  awaiting = false;
  for (const [leftover, source] of youngSources) lost.register(source, leftover, leftover);
  youngSources.clear();
});

function awaitCollection(): void {
  awaiting = true;
  // Nothing else references it, so the next collection frees it.
  collections.register({}, undefined);
}

/**
 * For backends: watches a source. If it is collected unregistered and unclosed, its leftover is
 * released, and the process gets a warning (`process.on('warning')`, code `EVLOOP_LOST_SOURCE`). A
 * registered source is never collected.
 *
 * The source is collected at the second garbage collection from now, at the earliest.
 *
 * A place in the program that loses many sources warns of the first, the tenth, the hundredth and
 * so on, with their number. So a leak does not flood the log.
 */
export function watchOrigin(source: object, leftover: Leftover): void {
  youngSources.set(leftover, source);
  if (!awaiting) awaitCollection();
}

/** For backends: ends the watch. Call it when the source is closed or gives its descriptor away. */
export function unwatchOrigin(leftover: Leftover): void {
  if (!youngSources.delete(leftover)) lost.unregister(leftover);
}
