import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { formatInterest, Interest, Ready } from '../src/index.ts';
import { checkInterest } from '../src/interest.ts';

test('the bits are those of Ready, so that one masks the other', () => {
  assert.equal(Interest.READABLE, Ready.READABLE);
  assert.equal(Interest.WRITABLE, Ready.WRITABLE);
  assert.equal(Interest.PRIORITY, Ready.PRIORITY);
  assert.throws(() => Object.assign(Interest, { READABLE: 8 }), TypeError);
});

test('a union of bits is an interest, and nothing else below the modes', () => {
  for (let interest = 1; interest < 8; interest++) {
    assert.equal(checkInterest(interest), interest);
  }
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: -300, max: 255 }), fc.double()), (value) => {
      if (Number.isInteger(value) && ((value > 0 && value < 8) || value > 255)) return;
      assert.throws(() => checkInterest(value), RangeError);
    }),
  );
});

test('an interest in words', () => {
  assert.equal(formatInterest(Interest.READABLE), 'READABLE');
  assert.equal(formatInterest(7), 'READABLE | WRITABLE | PRIORITY');
  assert.equal(formatInterest(0), 'nothing');
});
