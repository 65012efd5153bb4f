/** What the signals act upon: a `Server`, a `Loop`, or anything like them. */
export interface SignalTarget {
  /** Ends now. */
  stop(): void;
  /** Takes on no more, and resolves when what has begun is finished. */
  drain?(options: { readonly deadlineMs: number }): Promise<unknown>;
}

/**
 * What a signal does. `'stop'`: ends now. `'drain'`: drains, then stops; the second time, and where
 * the target cannot drain, it stops.
 */
export type SignalAction = 'drain' | 'stop';

/** Options of {@link onSignals}. */
export interface SignalOptions {
  /** How long a drain may take, in milliseconds. Default: 10000. */
  readonly deadlineMs?: number | undefined;
}

/** Where signals come from: `process` is one. */
export interface SignalSource {
  on(signal: string, listener: () => void): unknown;
  off(signal: string, listener: () => void): unknown;
}

/**
 * Stops or drains `target` when the process gets a signal. Dispose the result to undo it.
 *
 * @param source where the signals come from. `@evloop/service/node` passes `process`.
 * @param actions what each signal does, by its name: `{ SIGTERM: 'drain', SIGINT: 'stop' }`.
 */
export function onSignals(
  source: SignalSource,
  target: SignalTarget,
  actions: Readonly<Record<string, SignalAction>>,
  { deadlineMs = 10_000 }: SignalOptions = {},
): Disposable {
  let draining = false;
  const listeners = Object.entries(actions).map(([signal, action]) => {
    const listener = () => {
      if (action === 'stop' || draining || target.drain === undefined) return target.stop();
      draining = true;
      const stop = () => target.stop();
      target.drain({ deadlineMs }).then(stop, stop);
    };
    source.on(signal, listener);
    return { signal, listener };
  });
  return {
    [Symbol.dispose]() {
      for (const { signal, listener } of listeners) source.off(signal, listener);
    },
  };
}
