import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';

const { SHUT_RD, SHUT_WR, SHUT_RDWR } = native.constants;
const HOW = { read: SHUT_RD, write: SHUT_WR, both: SHUT_RDWR };

/** The sides of a socket that `shutdown` takes. */
export type Side = 'read' | 'write' | 'both';

/** @throws TypeError when `how` is not a side. */
export function checkSide(how: Side): number {
  if (how === 'read' || how === 'write' || how === 'both') return HOW[how];
  throw new TypeError(`invalid how: ${String(how)} (expected 'read', 'write' or 'both')`);
}

/** Shuts one side of a connected socket, or both. */
export function shutDown(fd: number, how: Side): void {
  const side = checkSide(how);
  check(native.shutdown(fd, side), 'shutdown');
}
