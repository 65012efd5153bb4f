import { unavailable } from '../native/binding.ts';
import { native } from '../native/native.ts';

/** The word of a descriptor that is to be closed when the thread ends: see `closeAtExit` in `binding.ts`. */
export const OPEN = 2;

/** The kernel's `fs.nr_open`, beyond which no limit can be set without changing it. Pages that nobody touches cost nothing. */
const MOST = 1 << 20;

/**
 * The descriptors that this thread owns. A worker that is terminated runs no more JavaScript, not even finalizers, so the native
 * layer closes what stands here. It also enters what it makes and strikes out what it closes; the rest is said here.
 */
const words = new Int32Array(new SharedArrayBuffer(MOST * Int32Array.BYTES_PER_ELEMENT));
if (unavailable === undefined) native.closeAtExit(0, words);

/** From now on `fd`, which came from elsewhere, goes with the thread. */
export function own(fd: number): void {
  words[fd] = OPEN;
}

/** `fd` is given away. */
export function disown(fd: number): void {
  words[fd] = 0;
}
