import { performance } from 'node:perf_hooks';

// The pump runs in real time. It keeps the real functions, which are replaced while simulations
// run.
/** The real `setImmediate`. */
export const realSetImmediate: typeof setImmediate = globalThis.setImmediate;
/** The real `setTimeout`. */
export const realSetTimeout: typeof setTimeout = globalThis.setTimeout;
/** The real `clearTimeout`. */
export const realClearTimeout: typeof clearTimeout = globalThis.clearTimeout;
/** The real clock, in milliseconds. */
export const realNow: () => number = performance.now.bind(performance);
