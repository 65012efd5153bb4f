import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

/** The name under which all threads, and other copies of this package, share the table. */
const KEY = 'evloop.listenfd.taken';

/** One bit for each descriptor number that LISTEN_FDS can stand for. */
const WORDS = 2 ** 16 / 32;

/** The descriptors that the threads of this process have taken from the process's environment. */
export interface TakenFds {
  has(fd: number): boolean;
  /** Takes `fd`. @returns `false`: another call has taken it, in any thread. */
  take(fd: number): boolean;
}

/** A bit for each descriptor, in memory that threads share. */
export class SharedBits implements TakenFds {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  has(fd: number): boolean {
    return (Atomics.load(this.#words, fd >>> 5) & bit(fd)) !== 0;
  }

  take(fd: number): boolean {
    return (Atomics.or(this.#words, fd >>> 5, bit(fd)) & bit(fd)) === 0;
  }
}

function bit(fd: number): number {
  return 1 << (fd & 31);
}

/**
 * The table that all threads of this process share. `undefined` in a worker that was started before
 * the main thread loaded this package: workers get their environment data when they start
 * (node:worker_threads).
 */
export const takenFds: TakenFds | undefined = openTakenFds();

function openTakenFds(): TakenFds | undefined {
  const memory: unknown = getEnvironmentData(KEY);
  if (memory instanceof SharedArrayBuffer) return new SharedBits(memory);
  if (!isMainThread) return undefined;
  const made = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
  setEnvironmentData(KEY, made as never);
  return new SharedBits(made);
}
