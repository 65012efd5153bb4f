import { byteLengthOf } from '@evloop/core/backend';

/**
 * Whether a range is plain and within `buffer`, and not empty. Almost all calls pass this; the
 * checks of core tell the rest apart, and give the error. A subclass may have a getter for
 * `length`, so a source must look whether it is open after this, not before.
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
