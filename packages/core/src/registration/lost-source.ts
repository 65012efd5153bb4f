import type { Origin } from './origin.ts';

interface Process {
  emitWarning?(message: string, options: { type: string; code: string }): void;
}

/** What a source leaves behind when it is collected: how to release it, and where it was made. */
export interface Leftover {
  /** Releases the descriptor or handle. Must not hold the source. */
  release(): void;
  readonly origin: Origin;
}

/** How many were lost, by where they were made: as many entries as the program has such places. */
const losses = new Map<string, number>();

const lost = new FinalizationRegistry<Leftover>((leftover) => {
  leftover.release();
  try {
    report(leftover);
  } catch {
    // What the program has put in the place of `process.emitWarning`, or of an origin. An exception
    // here would end the process.
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
 * The sources that are newer than the last collection of garbage, by what they leave behind. They
 * are held until the next one: those that are closed before, as most are where connections come and
 * go, do without the `FinalizationRegistry`, which costs more, and the collector too.
 */
const fresh = new Map<Leftover, object>();
let awaiting = false;

const collections = new FinalizationRegistry<undefined>(() => {
  awaiting = false;
  for (const [leftover, source] of fresh) lost.register(source, leftover, leftover);
  fresh.clear();
});

function awaitCollection(): void {
  awaiting = true;
  // Nobody else has it, so that it is gone with the next collection.
  collections.register({}, undefined);
}

/**
 * For backends: watches a source that nobody has registered or closed. Should it be collected, its
 * leftover is released and the process is warned (`process.on('warning')`, code
 * `EVLOOP_LOST_SOURCE`). A registered source is never collected.
 *
 * It is not collected before the second collection of garbage from here on.
 *
 * A place in the program that loses many warns of the first, the tenth, the hundredth and so on,
 * with their number, so that a leak does not bury the log.
 */
export function watchOrigin(source: object, leftover: Leftover): void {
  fresh.set(leftover, source);
  if (!awaiting) awaitCollection();
}

/** For backends: ends the watch; the source is closed, or has given its descriptor away. */
export function unwatchOrigin(leftover: Leftover): void {
  if (!fresh.delete(leftover)) lost.unregister(leftover);
}
