/**
 * A set of {@link Ready} bits: the readiness of one source at one moment. 0 is the empty set.
 */
export type Ready = number;

/**
 * The readiness bits of backends and user-space sources. {@link Event} shows them as booleans.
 *
 * The first three equal the bits of `Interest`, so that `ready & interest` selects what a
 * registration asked for. The others need no interest and pass every mask.
 *
 * - `READABLE`, `WRITABLE`, `PRIORITY`: as in `Interest`.
 * - `ERROR`: the source failed. The next operation, or `takeError()`, returns the error.
 * - `READ_CLOSED`: nothing more will arrive: the peer ended its side, or both sides are closed.
 *   Data that arrived before is still readable.
 * - `WRITE_CLOSED`: nothing more can be sent.
 */
export const Ready: {
  readonly READABLE: 1;
  readonly WRITABLE: 2;
  readonly PRIORITY: 4;
  readonly ERROR: 8;
  readonly READ_CLOSED: 16;
  readonly WRITE_CLOSED: 32;
} = Object.freeze({
  READABLE: 1,
  WRITABLE: 2,
  PRIORITY: 4,
  ERROR: 8,
  READ_CLOSED: 16,
  WRITE_CLOSED: 32,
});

/** Every bit of {@link Ready}. */
export const ALL_READY: Ready = 63;

/** The bits that are reported whatever the interest is: error and the two closed sides. */
export const UNMASKED: Ready = Ready.ERROR | Ready.READ_CLOSED | Ready.WRITE_CLOSED;
