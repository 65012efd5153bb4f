declare const brand: unique symbol;

/**
 * The name that a program gives to a registration. The events of that registration carry it.
 *
 * The caller chooses the token, usually an index or a key of its own table of connections. Two
 * sources may share a token; each then yields its own event. evloop reserves no value.
 *
 * The brand exists only at compile time. It prevents passing a file descriptor, a port or an {@link
 * Interest} as a token.
 */
export type Token = number & { readonly [brand]: 'Token' };

/**
 * Makes a token from a safe integer ≥ 0.
 *
 * @throws RangeError: `value` is negative, fractional, `NaN`, above `Number.MAX_SAFE_INTEGER`, or
 *   not a number.
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
