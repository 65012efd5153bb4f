import assert from 'node:assert/strict';
import { test } from 'vitest';
import { checkRange } from '../src/backend.ts';

test('a detached array has no range, whatever arrays optimized code has met', () => {
  const Sized = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer;
  const others = [
    new Uint8Array(16),
    new Uint8Array(new SharedArrayBuffer(16)),
    new Uint8Array(new Sized(16, { maxByteLength: 32 })),
  ];
  for (let i = 0; i < 100_000; i++) {
    for (const array of others) assert.equal(checkRange(array, 0, 4), 4);
    if (i % 1000 !== 0) continue;
    const detached = new Uint8Array(16);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    assert.throws(() => checkRange(detached, 0, 4), TypeError);
  }
});
