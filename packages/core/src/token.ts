declare const brand: unique symbol;

/**
 * The name that a program gives a registration, and finds again on its events.
 *
 * A token is chosen by the caller, not by evloop: usually an index or a key into the caller's own
 * table of connections. Two sources may share one; each then yields its own event. evloop reserves
 * no value.
 *
 * The brand exists at compile time only. It keeps a file descriptor, a port or an
 * {@link Interest} from being passed where a token belongs.
 */
export type Token = number & { readonly [brand]: 'Token' };

/**
 * Makes a token out of a safe integer ≥ 0.
 *
 * @throws RangeError when `value` is anything else: negative, fractional, `NaN`, beyond
 * `Number.MAX_SAFE_INTEGER`, or not a number.
 *
 * @example
 * ```ts
 * const SERVER = Token(0);
 * let next = 1;
 * poll.registry.register(stream, Token(next++), Interest.READABLE);
 * ```
 */
export function Token(value: number): Token {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(
      `invalid token: ${String(value)} (expected an integer from 0 to ${Number.MAX_SAFE_INTEGER})`,
    );
  }
  return value as Token;
}
