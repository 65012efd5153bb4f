/**
 * The result of `takeUntil`, `takeLine` and `takeFrame` for a message above the allowed length. The
 * message stays queued, and the result stays the same. Disconnect the peer, or forget the bytes
 * with `consume` or `clear`.
 */
export const TooLong: unique symbol = Symbol.for('evloop.TooLong');

/** The type of {@link TooLong}. */
export type TooLong = typeof TooLong;
