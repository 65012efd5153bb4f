/**
 * The value that a non-blocking operation returns when the kernel (or a user-space source) has
 * nothing to give or no room to take. In C this is `EAGAIN`.
 *
 * It is returned, never thrown. A server meets it once per connection and event, and an exception
 * costs about 40 times as much as a return value.
 *
 * After `WouldBlock`, stop using that direction of that source until the next event. Returning it
 * also re-arms the direction: see {@link Poll}, rule 1.
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
