import { Duplex } from 'node:stream';
import { nodeError } from './node-error.ts';

/** Listens to `'end'`: as with `net.Socket`, a socket that ends with its peer fails with `EPIPE`
 * when it is written to afterwards. */
export function refuseWrites(this: Duplex): void {
  if (!this.allowHalfOpen) this.write = writeAfterEnd;
}

/** `write` of a socket whose peer has ended, and that ends with it. */
function writeAfterEnd(
  this: Duplex,
  ...args: [chunk: unknown, encoding?: unknown, done?: unknown]
): boolean {
  const write = Duplex.prototype.write as (...args: unknown[]) => boolean;
  if (!this.writableEnded) return write.apply(this, args);
  const error = nodeError('EPIPE', 'This socket has been ended by the other party');
  const done = args.slice(1).find((arg) => typeof arg === 'function');
  if (done !== undefined) process.nextTick(done as (error: Error) => void, error);
  this.destroy(error);
  return false;
}
