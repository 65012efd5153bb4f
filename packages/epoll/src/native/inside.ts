import { byteLengthOf } from '@evloop/core/backend';

/**
 * Returns whether a range is plain, not empty and within `buffer`. Almost all calls pass this test;
 * core's checks handle the rest. A subclass may have a getter for `length`, so a source must check
 * that it is open after this call, not before.
 */
export function isInside(buffer: Uint8Array, offset: number, length: number): boolean {
  return (
    buffer instanceof Uint8Array &&
    typeof offset === 'number' &&
    typeof length === 'number' &&
    length > 0 &&
    (length | 0) === length &&
    (offset | 0) === offset &&
    offset >= 0 &&
    offset + length <= byteLengthOf(buffer)
  );
}
