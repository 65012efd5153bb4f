import { check } from './errno-error.ts';
import { native } from './native.ts';

const scratch = new Int32Array(1);
const bytes = new Uint8Array(scratch.buffer);

/** Returns an option that is an `int`, as most are: socket(7), ip(7), tcp(7). */
export function getIntOption(fd: number, level: number, option: number): number {
  check(native.getsockopt(fd, level, option, bytes), 'getsockopt');
  return scratch[0] as number;
}

/** Sets an option that is an `int`. */
export function setIntOption(fd: number, level: number, option: number, value: number): void {
  scratch[0] = value;
  check(native.setsockopt(fd, level, option, bytes), 'setsockopt');
}

/**
 * Returns an option that is on or off in the kernel's form.
 *
 * @throws TypeError: `on` is not a boolean.
 */
export function asFlag(on: boolean): number {
  if (typeof on === 'boolean') return on ? 1 : 0;
  throw new TypeError(`invalid option value: ${String(on)} (expected a boolean)`);
}

/** Returns `value`. @throws RangeError: it is not an integer from `least` to `most`. */
export function checkInteger(what: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(
    `invalid ${what}: ${String(value)} (expected an integer from ${least} to ${most})`,
  );
}
