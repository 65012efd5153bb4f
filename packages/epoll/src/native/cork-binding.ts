/** A number above 0 that is never used twice in a thread (or `-errno`); closed ones give -EBADF. */
export type Handle = number;

/** How many writes a cork holds. */
export const CORK_ENTRIES = 256;

/** The words of a cork's memory before its entries, and of an entry. */
export const CORK_WORDS = { header: 4, entry: 4 } as const;

/** The native calls of a corked poll: see `cork.ts`. */
export interface CorkBinding {
  /**
   * Prepares writes that are sent by the next wait, and returns a handle. `slab` is shared memory:
   * the words count and exceptions, two unused ones, {@link CORK_ENTRIES} entries of descriptor,
   * offset, length and result, then the bytes that the offsets mean. `allowed` 0 forbids io_uring.
   *
   * If the environment ends, which for a terminated worker is without JavaScript, the entries that
   * are counted are sent.
   */
  corkCreate(epfd: number, slab: Int32Array, allowed: number): Handle;
  /** Sends the counted entries, in order, and returns how many were not sent whole. */
  corkFlush(handle: Handle): number;
  /** As `corkFlush`, and then `epollWait`, which does not block if an entry was not sent whole. */
  corkWait(handle: Handle, events: Uint8Array, offset: number, length: number, ms: number): number;
  corkWait(events: Uint8Array): number;
  corkWait(): void;
  /** Copies bytes to offset `at` of the slab's bytes. */
  corkCopy(handle: Handle, buffer: Uint8Array, offset: number, length: number, at: number): number;
  corkCopy(buffer: Uint8Array): number;
  corkCopy(): void;
  corkClose(handle: Handle): number;
  /** 0 if io_uring can be used. */
  ioUringProbe(): number;
}
