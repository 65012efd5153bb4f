/** What evloop uses of a timer. Browsers have numbers. */
export type Timer = { ref?(): unknown; unref?(): unknown } | number;

interface Host {
  setTimeout(callback: () => void, delayMs: number): Timer;
  clearTimeout(timer: Timer): void;
  setInterval(callback: () => void, delayMs: number): Timer;
  clearInterval(timer: Timer): void;
  setImmediate?(callback: () => void): object;
  clearImmediate?(immediate: object): void;
  performance: { now(): number };
}

/** The timers and the clock that every JavaScript host has, browsers included. */
export const host: Host = globalThis as unknown as Host;

/** setTimeout takes a signed 32-bit number of milliseconds and fires at once beyond it. */
export const LONGEST_MS = 0x7fffffff;

let holders = 0;
let vigil: Timer | undefined;

/** Keeps the host alive until {@link releaseHost}. May be nested. Cheap enough to be called for each wait. */
export function holdHost(): void {
  if (holders++ > 0) return;
  if (vigil === undefined) vigil = host.setInterval(() => {}, LONGEST_MS);
  else if (typeof vigil === 'object') vigil.ref?.();
}

/** Lets the host end, as far as one {@link holdHost} is concerned. */
export function releaseHost(): void {
  if (--holders > 0) return;
  if (typeof vigil === 'object' && vigil.unref !== undefined) {
    vigil.unref();
    return;
  }
  if (vigil !== undefined) host.clearInterval(vigil);
  vigil = undefined;
}
