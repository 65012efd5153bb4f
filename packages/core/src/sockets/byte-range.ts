/**
 * For backends: checks the `buffer, offset, length` of a read or a write.
 *
 * @returns the length, which defaults to the rest of the buffer.
 * @throws TypeError: `buffer` is not a `Uint8Array`, or is detached. RangeError: the range is not
 *   within it.
 */
export function checkRange(buffer: Uint8Array, offset: number, length: number | undefined): number {
  // By class, which is fast, or else by tag: arrays of other realms (vm contexts, test runners) are
  // valid too.
  if (!(buffer instanceof Uint8Array) && tagOf(buffer) !== '[object Uint8Array]') {
    throw new TypeError('invalid buffer (expected a Uint8Array)');
  }
  const capacity = byteLengthOf(buffer);
  if (capacity === 0) checkAttached(buffer);
  if (!Number.isInteger(offset) || offset < 0 || offset > capacity) {
    throw new RangeError(
      `invalid offset: ${String(offset)} (expected an integer from 0 to ${capacity})`,
    );
  }
  const size = length ?? capacity - offset;
  if (!Number.isInteger(size) || size < 0 || size > capacity - offset) {
    throw new RangeError(
      `invalid length: ${String(size)} (expected an integer from 0 to ${capacity - offset})`,
    );
  }
  return size;
}

/**
 * For backends: as {@link checkRange}, for reading from a stream, where a result of 0 means end of
 * stream.
 *
 * @throws RangeError: also for an empty range, because its result would look like the end.
 */
export function checkReadRange(
  buffer: Uint8Array,
  offset: number,
  length: number | undefined,
): number {
  const size = checkRange(buffer, offset, length);
  if (size === 0) {
    throw new RangeError('the buffer to read into is empty: 0 bytes would look like end of stream');
  }
  return size;
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

/**
 * For backends: the bytes of `buffer`, 0 if it is detached or out of bounds.
 *
 * `buffer.length` is no substitute. Optimized code of V8 11.3 (Node 20) that has met resizable and
 * other arrays returns the former length of a detached array. A program may also define a property
 * of that name.
 *
 * @throws TypeError: `buffer` is not a typed array
 */
export const byteLengthOf: (buffer: Uint8Array) => number = Function.prototype.call.bind(
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'byteLength')
    ?.get as () => number,
);

// Filling no bytes has no effect, and throws a TypeError if the memory is detached. The property
// `detached` of ArrayBuffer is newer than Node 20.
function checkAttached(buffer: Uint8Array): void {
  try {
    fill.call(buffer, 0, 0, 0);
  } catch {
    throw new TypeError('invalid buffer: its memory was transferred, or it is out of bounds');
  }
}

const { fill } = Uint8Array.prototype;
