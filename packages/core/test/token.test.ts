import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { Token } from '../src/index.ts';

test('a token is any safe integer from 0', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      assert.equal(Token(value), value);
    }),
  );
  fc.assert(
    fc.property(fc.double(), (value) => {
      if (Number.isSafeInteger(value) && value >= 0) assert.equal(Token(value), value);
      else assert.throws(() => Token(value), RangeError);
    }),
  );
});
