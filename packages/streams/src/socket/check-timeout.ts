/**
 * Checks the argument of `setTimeout`.
 *
 * @throws the errors of `net.Socket`: TypeError for what is not a number, RangeError for what is
 * not a finite number from 0.
 */
export function checkTimeout(ms: unknown): number {
  if (typeof ms !== 'number') {
    const error = new TypeError(`invalid msecs: ${String(ms)} (expected a number)`);
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
  }
  if (!(ms >= 0 && Number.isFinite(ms))) {
    const error = new RangeError(`invalid msecs: ${ms} (expected a finite number from 0)`);
    throw Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
  }
  return ms;
}
