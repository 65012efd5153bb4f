import { native } from '../native/native.ts';
import { check } from '../native/system-error.ts';

const { SHUT_RD, SHUT_WR, SHUT_RDWR } = native.constants;
const HOW = { read: SHUT_RD, write: SHUT_WR, both: SHUT_RDWR };

/** Shuts one side of a connected socket, or both. */
export function shutDown(fd: number, how: 'read' | 'write' | 'both'): void {
  const side = HOW[how];
  if (side === undefined) throw new TypeError(`how is 'read', 'write' or 'both', not ${how}`);
  check(native.shutdown(fd, side), 'shutdown');
}
