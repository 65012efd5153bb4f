interface Process {
  emitWarning?(message: string, options: { type: string; code: string }): void;
}

/**
 * Where a source was made: for the warning about one that was lost. Capturing it is cheap, and its text is made only when
 * asked for.
 */
export interface Origin {
  /** What was made, and where: `TcpStream connected at file.js:10:5`. */
  toString(): string;
}

/**
 * Captures the caller of `made` (the public function that makes the source).
 *
 * @param what the kind and the deed: `'TcpListener bound'`.
 */
export function captureOrigin(what: string, made: (...args: never[]) => unknown): Origin {
  const holder: { stack?: unknown } = {};
  captureFrame(holder, made);
  return {
    toString(): string {
      const frame = firstFrame(holder);
      return frame === undefined ? what : `${what} at ${frame}`;
    },
  };
}

type Made = (...args: never[]) => unknown;

interface StackTraces {
  stackTraceLimit?: number;
  captureStackTrace?(holder: object, above: Made): void;
}

/** Captures one frame. Where the program has frozen or replaced what this needs, it captures what it can. */
function captureFrame(holder: object, made: Made): void {
  const traces = Error as StackTraces;
  let limit: number | undefined;
  let limited = false;
  try {
    limit = traces.stackTraceLimit;
    traces.stackTraceLimit = 1;
    limited = true;
  } catch {
    // `Object.freeze(Error)` and `--frozen-intrinsics`: the trace is as long as the program wants it.
  }
  try {
    traces.captureStackTrace?.(holder, made);
  } catch {
    // The program's own `captureStackTrace`: the place is not known.
  }
  if (limited) traces.stackTraceLimit = limit as number;
}

/** The first frame of a stack, as the program's `Error.prepareStackTrace` gives it: as text, or as an array. */
function firstFrame(holder: { stack?: unknown }): string | undefined {
  try {
    const { stack } = holder;
    if (Array.isArray(stack)) return stack.length === 0 ? undefined : String(stack[0]);
    if (typeof stack !== 'string') return undefined;
    return stack.split('\n')[1]?.trim().replace(/^at /, '');
  } catch {
    return undefined;
  }
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
 * The sources that are newer than the last collection of garbage, by what they leave behind. They are held until the next one: those that are closed
 * before, as most are where connections come and go, do without the `FinalizationRegistry`, which costs more, and the collector too.
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
 * For backends: watches a source that nobody has registered or closed. Should it be collected, its leftover is released and the
 * process is warned (`process.on('warning')`, code `EVLOOP_LOST_SOURCE`). A registered source is never collected.
 *
 * It is not collected before the second collection of garbage from here on.
 *
 * A place in the program that loses many warns of the first, the tenth, the hundredth and so on, with their number, so that a leak does not bury the log.
 */
export function watchOrigin(source: object, leftover: Leftover): void {
  fresh.set(leftover, source);
  if (!awaiting) awaitCollection();
}

/** For backends: ends the watch; the source is closed, or has given its descriptor away. */
export function unwatchOrigin(leftover: Leftover): void {
  if (!fresh.delete(leftover)) lost.unregister(leftover);
}
