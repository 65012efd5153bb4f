import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { Choice } from './choose-backend.ts';

/** Threads started by this one inherit it, so they don't repeat the warning. */
const WARNED = 'evloop: warned of the fallback';

/** Warns once, on stderr, that this machine could run a better backend, and what to do. */
export function warnOfFallback({ backend, missed }: Choice): void {
  if (missed === undefined || getEnvironmentData(WARNED) === true) return;
  setEnvironmentData(WARNED, true);
  const { reason, advice } = missed.why;
  process.emitWarning(`evloop runs on ${backend.name}, not on ${missed.name}: ${reason}`, {
    type: 'EvloopWarning',
    code: 'EVLOOP_FALLBACK',
    detail: `To use ${missed.name}: ${advice}. To silence this: EVLOOP_BACKEND=${backend.name}.`,
  });
}
