import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { test } from 'vitest';
import { checkRange, checkReadRange } from '../src/backend.ts';

test('a range is within the buffer, or refused', () => {
  const number = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.double());
  fc.assert(
    fc.property(
      fc.nat(8),
      number,
      fc.option(number, { nil: undefined }),
      (size, offset, length) => {
        const buffer = new Uint8Array(size);
        const wanted = length ?? size - offset;
        const whole = Number.isInteger(offset) && Number.isInteger(wanted);
        if (whole && offset >= 0 && wanted >= 0 && offset + wanted <= size) {
          assert.equal(checkRange(buffer, offset, length), wanted);
          if (wanted === 0) assert.throws(() => checkReadRange(buffer, offset, length), RangeError);
        } else {
          assert.throws(() => checkRange(buffer, offset, length), RangeError);
        }
      },
    ),
  );
});

test('a buffer is told by what it is, not by whose it is', () => {
  const foreign: Uint8Array = runInNewContext('new Uint8Array(4)');
  assert.equal(checkRange(foreign, 1, undefined), 3);
  assert.equal(checkRange(Buffer.alloc(4), 0, undefined), 4);
  assert.throws(() => checkRange(new Uint16Array(4) as never, 0, 1), TypeError);
  const gone = new Uint8Array(4);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  assert.throws(() => checkRange(gone, 0, 0), TypeError);
});
