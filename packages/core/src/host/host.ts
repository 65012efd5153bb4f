/** The part of a timer that evloop uses. Browsers return numbers. */
export type Timer = { ref?(): unknown; unref?(): unknown } | number;

interface Host {
  setTimeout(callback: () => void, delayMs: number): Timer;
  clearTimeout(timer: Timer): void;
  setInterval(callback: () => void, delayMs: number): Timer;
  clearInterval(timer: Timer): void;
  setImmediate?(callback: () => void): object;
  clearImmediate?(immediate: object): void;
  queueMicrotask(callback: () => void): void;
  performance: { now(): number };
}

// Read once, when this module is loaded. Test runners replace the global timers with fake ones, and
// a poll on a fake clock would never end. They don't replace the timers inside `node:net` either.
const given = globalThis as unknown as Host;
const { setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask } = given;
const { setImmediate, clearImmediate, performance } = given;
const { now } = performance;

/**
 * The timers and the clock that every JavaScript host has, browsers included. `setImmediate` is
 * `undefined` in browsers. For core and backends: fake timers do not affect them.
 */
export const host: Host = {
  // Browsers throw if `this` is not the window.
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer),
  setInterval: (callback, delayMs) => setInterval(callback, delayMs),
  clearInterval: (timer) => clearInterval(timer),
  queueMicrotask: (callback) => queueMicrotask(callback),
  ...(setImmediate === undefined || clearImmediate === undefined
    ? {}
    : {
        setImmediate: (callback: () => void) => setImmediate(callback),
        clearImmediate: (immediate: object) => clearImmediate(immediate),
      }),
  performance: { now: () => now.call(performance) },
};

/**
 * The largest delay. `setTimeout` takes a signed 32-bit number of milliseconds, and fires at once
 * beyond it.
 */
export const LONGEST_MS = 0x7fffffff;

let holders = 0;
let vigil: Timer | undefined;

/**
 * Keeps the host alive until {@link releaseHost}. Calls may be nested. Cheap enough for each wait.
 */
export function holdHost(): void {
  if (holders++ > 0) return;
  if (vigil === undefined) vigil = host.setInterval(() => {}, LONGEST_MS);
  else if (typeof vigil === 'object') vigil.ref?.();
}

/** Undoes one {@link holdHost}: the host may end once all are undone. */
export function releaseHost(): void {
  if (--holders > 0) return;
  if (typeof vigil === 'object' && vigil.unref !== undefined) {
    vigil.unref();
    return;
  }
  if (vigil !== undefined) host.clearInterval(vigil);
  vigil = undefined;
}
