import { ioUring, unavailable } from '@evloop/epoll';
import type { Limit } from './limit.ts';

const BOUNDS = 'one system call for all writes of a corked poll; without it, one for each';

/** Returns whether io_uring can be used, and if not, why. Empty if the epoll backend cannot run. */
export function ioUringLimit(): Limit[] {
  if (unavailable !== undefined) return [];
  const name = 'io_uring';
  try {
    const { usable, reason } = ioUring();
    const value = usable ? 'usable' : 'not usable';
    return [{ name, value, bounds: usable ? BOUNDS : `${BOUNDS} (${reason})`, advice: undefined }];
  } catch (error) {
    return [{ name, value: 'invalid setting', bounds: BOUNDS, advice: (error as Error).message }];
  }
}
