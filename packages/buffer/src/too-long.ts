/**
 * What `takeUntil`, `takeLine` and `takeFrame` answer to a peer whose message is longer than was
 * allowed. It stays queued, and the answer stays the same: refuse the peer, or forget the bytes
 * with `consume` or `clear`.
 */
export const TooLong: unique symbol = Symbol.for('evloop.TooLong');

/** The type of {@link TooLong}. */
export type TooLong = typeof TooLong;
