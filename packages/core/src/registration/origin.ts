/**
 * Where a source was made, for the warning about a lost source. Capturing it is cheap: the text is
 * made on demand.
 */
export interface Origin {
  /** What was made, and where: `TcpStream connected at file.js:10:5`. */
  toString(): string;
}

/**
 * Captures the caller of `made`, the public function that makes the source.
 *
 * @param what the kind and the action: `'TcpListener bound'`.
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

/**
 * Captures one frame. If the program has frozen or replaced what this needs, it captures what it
 * can.
 */
function captureFrame(holder: object, made: Made): void {
  const traces = Error as StackTraces;
  let limit: number | undefined;
  let limited = false;
  try {
    limit = traces.stackTraceLimit;
    traces.stackTraceLimit = 1;
    limited = true;
  } catch {
    // With `Object.freeze(Error)` or `--frozen-intrinsics`, the limit cannot be set: the trace
    // keeps the program's length.
  }
  try {
    traces.captureStackTrace?.(holder, made);
  } catch {
    // The program's own `captureStackTrace` threw: the place stays unknown.
  }
  if (limited) traces.stackTraceLimit = limit as number;
}

/**
 * Returns the first frame of a stack. The program's `Error.prepareStackTrace` may return it as text
 * or as an array.
 */
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
