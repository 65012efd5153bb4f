import { array, assert as check, constant, integer, oneof, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { ReceiveQueue } from '../src/stream/receive-queue.ts';

const FILL = 255;

/**
 * Takes up to `length` bytes into the middle of a buffer, and answers them; what is around them
 * must not change.
 */
function take(queue: ReceiveQueue, length: number, at = 3): number[] {
  const target = new Uint8Array(length + at + 2).fill(FILL);
  const size = queue.take(target, at, length);
  const around = [...target.subarray(0, at), ...target.subarray(at + size)];
  expect(around.every((byte) => byte === FILL)).toBe(true);
  return [...target.subarray(at, at + size)];
}

test('bytes that are left of a chunk come first, also where all that waits is as long as it', () => {
  const queue = new ReceiveQueue();
  queue.push(Uint8Array.of(1, 2, 3, 4));
  expect(take(queue, 2)).toEqual([1, 2]);
  queue.push(Uint8Array.of(5, 6));
  // As many bytes wait as the first chunk had.
  expect(take(queue, 10)).toEqual([3, 4, 5, 6]);
  expect(queue.size).toBe(0);
});

test('a whole chunk goes where the offset says', () => {
  const queue = new ReceiveQueue();
  queue.push(Uint8Array.of(1, 2, 3));
  expect(take(queue, 3, 7)).toEqual([1, 2, 3]);
  queue.push(Uint8Array.of(4));
  expect(take(queue, 5, 0)).toEqual([4]);
});

test('a cleared queue begins anew', () => {
  const queue = new ReceiveQueue();
  queue.push(Uint8Array.of(1, 2, 3));
  queue.push(Uint8Array.of(4));
  take(queue, 2);
  queue.clear();
  expect([queue.size, take(queue, 5)]).toEqual([0, []]);
  queue.push(Uint8Array.of(5, 6));
  expect(take(queue, 5)).toEqual([5, 6]);
});

test('random pushes, takes and looks are those of a list of bytes', () => {
  const lengths = integer({ min: 0, max: 12 });
  const step = oneof(
    record({ kind: constant('push' as const), length: integer({ min: 1, max: 8 }) }),
    record({ kind: constant('take' as const), length: lengths }),
    record({ kind: constant('copy' as const), length: integer({ min: 1, max: 12 }) }),
  );
  check(
    property(array(step, { maxLength: 40 }), (steps) => {
      const queue = new ReceiveQueue();
      const model: number[] = [];
      let next = 0;
      for (const { kind, length } of steps) {
        if (kind === 'push') {
          const bytes = Array.from({ length }, () => next++ % 250);
          queue.push(Uint8Array.from(bytes));
          model.push(...bytes);
        } else if (kind === 'take') {
          expect(take(queue, length)).toEqual(model.splice(0, length));
        } else {
          const target = new Uint8Array(length + 4).fill(FILL);
          const size = queue.copy(target, 2, length);
          const wanted = [FILL, FILL, ...model.slice(0, length)];
          expect([...target.subarray(0, size + 2)]).toEqual(wanted);
          expect(target.subarray(size + 2).every((byte) => byte === FILL)).toBe(true);
        }
        expect(queue.size).toBe(model.length);
      }
    }),
    { numRuns: 500 },
  );
});
