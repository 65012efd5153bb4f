import { Interest, Token } from '@evloop/core';

/** `READABLE`. */
export const R: Interest = Interest.READABLE;
/** `WRITABLE`. */
export const W: Interest = Interest.WRITABLE;
/** `READABLE | WRITABLE`. */
export const RW: Interest = Interest.READABLE | Interest.WRITABLE;

/** Some tokens. */
export const T: readonly [Token, Token, Token, Token, Token] = [
  Token(0),
  Token(1),
  Token(2),
  Token(3),
  Token(4),
];
