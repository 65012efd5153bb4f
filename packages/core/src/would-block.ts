/**
 * The value that a non-blocking operation returns when the kernel (or a user-space source) has
 * nothing to give or no room to take: what `EAGAIN` is in C.
 *
 * It is returned, never thrown. A server meets it once per connection and event, and throwing an
 * exception costs about forty times what returning a value costs.
 *
 * Whoever receives it stops using that direction of that source until the next event says
 * otherwise. Returning it is also what re-arms the direction: see {@link Poll}, rule 1.
 *
 * @example
 * ```ts
 * const size = stream.read(buffer);
 * if (size === WouldBlock) return; // wait for the next event
 * if (size === 0) stream.close(); // end of stream
 * ```
 */
export const WouldBlock: unique symbol = Symbol.for('evloop.WouldBlock');

/** The type of {@link WouldBlock}, so that `number | WouldBlock` narrows with one comparison. */
export type WouldBlock = typeof WouldBlock;
